import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError } from '~/filebrowser/page/api'
import { FolderPages } from '~/filebrowser/page/files/folder-pages'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const LOST = new ApiError({ code: 'lost', message: 'The machine doesn’t answer.' })
const names = (offset: number, limit: number, total: number) =>
  Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, at) => ({
    name: `${offset + at}.txt`,
    kind: 'file' as const,
    size: 0,
    modifiedAt: '2026-01-01T00:00:00Z',
  }))

/** A folder of 300 entries whose listing fails from the places that are in `broken`, drawn anew at every change. */
function withFolder(broken: Set<number>) {
  const asked: number[] = []
  const pages = new FolderPages(async ({ offset, limit }) => {
    asked.push(offset)
    if (broken.has(offset)) throw LOST
    return {
      path: 'out',
      entries: names(offset, limit, 300),
      offset,
      total: 300,
      space: { free: 1, total: 2 },
    }
  })
  // As the list does it: after it is drawn, it says what is in sight.
  let last = 250
  let drawing: ReturnType<typeof setTimeout> | undefined
  const draw = () => {
    clearTimeout(drawing)
    drawing = setTimeout(() => pages.read().want(0, last), 1)
  }
  pages.subscribe(draw)
  draw()
  const scrollUp = () => {
    last = 10
    draw()
  }
  return { pages, asked, shown: () => pages.read(), scrollUp }
}

test('a listing that fails is asked for again after some seconds, and ever more rarely', async () => {
  const { asked, shown } = withFolder(new Set([0, 200]))
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toEqual([0, 200])
  expect(shown().error).toBe(LOST)
  await vi.advanceTimersByTimeAsync(3000)
  expect(asked).toHaveLength(4)
  await vi.advanceTimersByTimeAsync(5000)
  expect(asked).toHaveLength(4)
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(asked.length).toBeGreaterThan(20)
  expect(asked.length).toBeLessThan(40)
})

test('a listing that failed comes by itself once it can be had', async () => {
  const broken = new Set([200])
  const { asked, shown } = withFolder(broken)
  await vi.advanceTimersByTimeAsync(1000)
  expect(shown().error).toBe(LOST)
  expect(shown().at(0)?.path).toBe('out/0.txt')
  broken.clear()
  await vi.advanceTimersByTimeAsync(3000)
  expect(shown().error).toBeUndefined()
  expect(shown().at(250)?.path).toBe('out/250.txt')
  expect(asked).toEqual([0, 200, 200])
})

test('whoever presses “Try again” is not kept waiting, and who leaves asks no more', async () => {
  const broken = new Set([0, 200])
  const { pages, asked, shown } = withFolder(broken)
  await vi.advanceTimersByTimeAsync(1000)
  shown().refresh()
  expect(asked).toHaveLength(4)
  await vi.advanceTimersByTimeAsync(1)
  pages.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(4)
})

test('nothing is said any more of a part that failed and has left the sight', async () => {
  const { asked, shown, scrollUp } = withFolder(new Set([200]))
  await vi.advanceTimersByTimeAsync(1000)
  scrollUp()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(shown().error).toBeUndefined()
  expect(asked).toEqual([0, 200])
})
