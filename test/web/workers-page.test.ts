import { expect, it } from 'vitest'
import { claimLaunch } from '~/db/machine-claims'
import { markWaiting } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { launchMachine } from '~/db/machine-requests'
import { queueDepth } from '~/db/queue-depth'
import { beat } from '~/db/workers'
import type { LaunchQueue } from '~/worker/queue'
import { SOMEBODY } from '../support/actors'
import { beating } from '../support/beat'
import { startSite } from './site'
import { dataOf } from './visitor'

const FULL: LaunchQueue = {
  add: async () => false,
  faults: async () => ['redis_memory', 'redis_eviction_policy'],
  use: async () => undefined,
  close: async () => undefined,
}

it('workers are told apart: at work, silent, gone, and on another token key', async () => {
  const { db, clock, services, signedIn, admin } = await startSite()
  const keyring = services.installation.keyring()
  const [key] = keyring
  const begin = clock()
  beat(db, beating('gone', clock()), keyring, clock)
  clock.advance(20_000)
  beat(db, beating('silent', begin), keyring, clock)
  clock.advance(10_000)
  beat(db, beating('silent', begin), keyring, clock)
  beat(db, { id: 'well', host: 'box-1', pid: 7, takesJobsAt: clock() }, [{ ...key, id: 'other' }], clock)
  const boss = signedIn(admin)
  const { workers } = dataOf<{ workers: object[] }>(await boss.query('admin.queue'))
  expect(workers).toMatchObject([
    { id: 'gone', state: 'gone' },
    { id: 'silent', state: 'silent', hasSealingKey: true, keyIds: [key.id] },
    { id: 'well', state: 'working', host: 'box-1', pid: 7, hasSealingKey: false },
  ])
  const { text } = await boss.get('/admin/workers')
  for (const said of ['Gone', 'Takes no jobs', 'Takes jobs', 'box-1', 'Other token key'])
    expect(text).toContain(said)
})

it('the queue says how many launches wait, since when, and which are tried again later', async () => {
  const { db, clock, signedIn, admin } = await startSite()
  const launch = () => launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  const claim = () => claimLaunch(db, launch(), { leaseMs: 1000, clock })?.claim
  const depth = async () => dataOf<object>(await signedIn(admin).query('admin.queue'))
  expect(await depth()).toMatchObject({ waiting: 0, waitingSince: null, delayed: 0, starting: 0 })
  const since = new Date(clock()).toISOString()
  launch()
  clock.advance(5000)
  launch()
  claim()
  const delayed = claim()
  const failure = { errorClass: 'internal', message: 'It failed.', detail: '' }
  if (delayed) markWaiting(db, delayed, failure, clock() + 1000, clock)
  expect(await depth()).toMatchObject({ waiting: 2, waitingSince: since, delayed: 1, starting: 1 })
})

it('a launch waits since it was asked for, whatever was tried meanwhile, and a relaunch since its own beginning', async () => {
  const { db, clock, admin, runMachine } = await startSite()
  const since = clock()
  const first = launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  const claim = claimLaunch(db, first, { leaseMs: 1000, clock })?.claim
  clock.advance(5000)
  const failure = { errorClass: 'internal', message: 'It failed.', detail: '' }
  if (claim) markWaiting(db, claim, failure, clock(), clock)
  expect(queueDepth(db, clock)).toMatchObject({ waiting: 1, waitingSince: since })
  claimLaunch(db, first, { leaseMs: 1000, clock })
  const running = runMachine(admin)
  clock.advance(3_600_000)
  relaunchMachine(db, admin.id, running, SOMEBODY, clock)
  expect(queueDepth(db, clock)).toMatchObject({ waiting: 1, waitingSince: clock() })
})

it('what is wrong with Redis is said with its cure, and that no worker runs', async () => {
  const { signedIn, admin } = await startSite({ queue: FULL })
  const { text } = await signedIn(admin).get('/admin/workers')
  for (const said of ['Redis is full', 'Redis may throw jobs away', 'No worker runs'])
    expect(text).toContain(said)
})
