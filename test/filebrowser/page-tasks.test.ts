import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TaskView } from '~/filebrowser/contract'

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
