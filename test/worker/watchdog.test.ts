import { expect, test } from 'vitest'
import { watchdog } from '~/worker/watchdog'
import { testClock } from '../support/clock'
import { recordingLogger } from '../support/logger'

function watched() {
  const state = { redisTakes: true, isFull: false, reconnects: 0 }
  const { logger, lines } = recordingLogger()
  const clock = testClock()
  const watch = watchdog({
    probe: async () => state.redisTakes,
    isFull: () => state.isFull,
    reconnect: () => {
      state.reconnects++
    },
    clock,
    logger,
  })
  const look = async (times: number) => {
    for (let time = 0; time < times; time++) await watch.look()
  }
  return { ...watch, look, state, lines, clock }
}

test('a queue that brings nothing is connected to anew after six probes, again and again', async () => {
  const { look, state, lines } = watched()
  await look(6)
  expect(state.reconnects).toBe(0)
  await look(1)
  expect(state.reconnects).toBe(1)
  expect(lines.join('')).toContain('brings this worker no jobs')
  await look(6)
  expect(state.reconnects).toBe(2)
})

test('any job proves that it works, and when', async () => {
  const { look, tookJob, takesJobsAt, state, clock } = watched()
  expect(takesJobsAt()).toBe(0)
  for (let time = 0; time < 3; time++) {
    await look(6)
    tookJob()
  }
  expect(state.reconnects).toBe(0)
  expect(takesJobsAt()).toBe(clock())
})

test('a job that comes before its probe was even acknowledged counts', async () => {
  const { logger } = recordingLogger()
  let reconnects = 0
  const watch = watchdog({
    probe: async () => {
      watch.tookJob()
      return true
    },
    isFull: () => false,
    reconnect: () => {
      reconnects++
    },
    clock: testClock(),
    logger,
  })
  for (let time = 0; time < 20; time++) await watch.look()
  expect(reconnects).toBe(0)
})

test('while Redis is away nothing is held against the queue, nor right after it is back', async () => {
  const { look, state } = watched()
  await look(5)
  state.redisTakes = false
  await look(20)
  state.redisTakes = true
  await look(6)
  expect(state.reconnects).toBe(0)
})

test('a worker with its hands full takes jobs, though it fetches none', async () => {
  const { look, takesJobsAt, state, clock } = watched()
  state.isFull = true
  await look(20)
  expect(state.reconnects).toBe(0)
  expect(takesJobsAt()).toBe(clock())
})
