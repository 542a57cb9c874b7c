import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TaskView } from '~/filebrowser/contract'
import { sentenceOf } from '~/filebrowser/page/files/task-sentences'

/** As a browser's: one that was answered with anything but events is closed, and stays so. */
class Events {
  static readonly CLOSED = 2
  static all: Events[] = []
  readyState = 0
  onmessage: ((event: { data: string }) => void) | undefined
  onerror: (() => void) | undefined

  constructor() {
    Events.all.push(this)
  }

  close() {
    this.readyState = Events.CLOSED
  }

  say(tasks: TaskView[]) {
    this.onmessage?.({ data: JSON.stringify(tasks) })
  }

  refuse() {
    this.close()
    this.onerror?.()
  }

  cut() {
    this.onerror?.()
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.resetModules()
  Events.all = []
  vi.stubGlobal('EventSource', Events)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const running = (copied: number) => ({ id: 'a', state: 'running', copied }) as TaskView
const done = { id: 'a', state: 'done', copied: 9 } as TaskView

async function withTasks(answer: () => Response) {
  vi.stubGlobal('fetch', async () => answer())
  const { tasks } = await import('~/filebrowser/page/files/tasks')
  tasks.subscribe(() => {})
  await vi.advanceTimersByTimeAsync(0)
  return tasks
}

test('progress goes on after something else has answered for the machine', async () => {
  let answer = () => Response.json([running(1)])
  const tasks = await withTasks(() => answer())
  Events.all[0]?.say([running(2)])
  expect(tasks.read()).toEqual([running(2)])

  answer = () => new Response('Bad gateway', { status: 502 })
  Events.all[0]?.refuse()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(tasks.read()).toEqual([running(2)])
  answer = () => Response.json([running(5)])
  await vi.advanceTimersByTimeAsync(3000)
  expect(tasks.read()).toEqual([running(5)])
  Events.all.at(-1)?.say([done])
  expect(tasks.read()).toEqual([done])
  expect(Events.all.map(({ readyState }) => readyState)).toEqual([Events.CLOSED, Events.CLOSED])
})

test('a cut that the browser mends itself opens no second connection', async () => {
  await withTasks(() => Response.json([running(1)]))
  Events.all[0]?.cut()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(Events.all).toHaveLength(1)
})

test('what is begun while events come is neither lost nor there twice', async () => {
  const tasks = await withTasks(() => Response.json([running(1)]))
  vi.stubGlobal('fetch', async () => {
    Events.all[0]?.say([{ ...running(0), id: 'b' }, running(7)])
    return Response.json({ ...running(0), id: 'b' })
  })
  await tasks.start('copy', ['b.txt'], '')
  expect(tasks.read()).toEqual([{ ...running(0), id: 'b' }, running(7)])
})

test('what became of a task is told as far as it came', () => {
  const told = (kind: TaskView['kind'], state: TaskView['state'], finished: number, of: number) =>
    sentenceOf({
      kind,
      state,
      finished,
      paths: Array(of).fill('in/a.txt'),
      folder: 'out',
    } as unknown as TaskView)
  expect(told('move', 'done', 1, 1)).toBe('Moved a.txt to out.')
  expect(told('copy', 'done', 20, 20)).toBe('Copied 20 items to out.')
  expect(told('move', 'canceled', 0, 1)).toBe('Canceled: a.txt stays where it was.')
  expect(told('move', 'canceled', 0, 20)).toBe('Canceled: 20 items stay where they were.')
  expect(told('copy', 'canceled', 0, 20)).toBe('Canceled: 20 items were not copied.')
  expect(told('move', 'canceled', 1, 20)).toBe('Canceled: 1 of 20 items was moved to out.')
  expect(told('copy', 'canceled', 3, 20)).toBe('Canceled: 3 of 20 items were copied to out.')
  expect(told('copy', 'failed', 0, 1)).toBe('a.txt was not copied.')
  expect(told('move', 'failed', 0, 20)).toBe('20 items were not moved.')
  expect(told('move', 'failed', 3, 20)).toBe('Only 3 of 20 items were moved to out.')
})
