import { expect, test } from 'vitest'
import { listWorkers } from '~/db/workers'
import { heart } from '~/worker/heart'
import type { Job } from '~/worker/queue'
import { PromptRuntime } from '../support/runtimes'
import { testDeps } from '../support/worker-deps'

type Probe = Extract<Job, { job: 'probe' }>

function beatingHeart() {
  const system = testDeps(new PromptRuntime())
  const life = heart(system.deps, { isFull: () => false, reconnect: () => undefined })
  const rows = () => listWorkers(system.db, system.clock)
  return { ...system, life, rows }
}

test('a worker is known to live at once, and to take jobs with its first one', async () => {
  const { life, rows, clock } = beatingHeart()
  await life.beat()
  expect(rows()).toMatchObject([{ state: 'silent', pid: process.pid, takesJobsAt: 0 }])
  life.tookJob()
  expect(rows()).toMatchObject([{ state: 'working', takesJobsAt: clock() }])
  life.signOff()
  expect(rows()).toEqual([])
})

test('a probe that came to the wrong worker is sent on, but not for ever', async () => {
  const { life, added } = beatingHeart()
  await life.beat()
  const [own] = added.splice(0) as Probe[]
  await life.passOn(own as Probe)
  expect(added).toEqual([])
  const other: Probe = { job: 'probe', workerId: 'other', hops: 0 }
  await life.passOn(other)
  expect(added.splice(0)).toEqual([{ ...other, hops: 1 }])
  await life.passOn({ ...other, hops: 20 })
  expect(added).toEqual([])
})
