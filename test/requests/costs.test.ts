import { expect, onTestFinished, test } from 'vitest'
import { placeRequests } from '~/db/model-request-places'
import { cancelModelRequest } from '~/db/model-requests'
import { machines } from '~/db/schema'
import { holdRequest } from '~/worker/requests/hold'
import { RequestError } from '~/worker/requests/request-error'
import { walCommits } from '../support/wal-commits'
import { requestSite } from './site'

const MINUTE_MS = 60_000
const FILE = { name: 'one.safetensors', nodeClass: 'One', field: 'text' }

const checksOf = ({ prompts }: ReturnType<typeof requestSite>) =>
  prompts.seen.filter((what) => what === 'missing').length

/** A site whose one worker has run a request, so that it remembers what the machine has. */
async function checkedSite() {
  const site = requestSite()
  const ref = site.machine()
  const worker = site.worker()
  const run = async () => {
    const id = site.call()
    await worker.pass()
    await worker.ended()
    return site.row(id)
  }
  await run()
  return { ...site, ref, run, checks: () => checksOf(site) }
}

test('a request that goes well costs six durable transactions and one for its progress', async () => {
  const { db, run } = await checkedSite()
  const before = walCommits(db)
  // Queue, claim, about to be handed over, taken, progress, fetching, completed.
  expect(await run()).toMatchObject({ status: 'completed' })
  expect(walCommits(db) - before).toBe(7)
})

test('a machine that a request comes to is in use from then on', async () => {
  const { db, run, clock } = await checkedSite()
  clock.advance(MINUTE_MS)
  await run()
  expect(db.select().from(machines).get()?.activeAt).toBe(clock())
})

test('work goes on with the lease that is left, and renews it once half of it is gone', () => {
  const { db, call, row, machine, admin, clock, deps } = requestSite()
  machine()
  const id = call()
  const { leaseMs } = deps.timings
  const [claimed] = placeRequests(db, admin.id, { ...deps, leaseMs, max: 1 }).claimed
  if (!claimed) throw new Error('It was not taken on.')
  const hold = holdRequest(deps, claimed, new AbortController().signal)
  onTestFinished(hold.end)
  const begun = clock()
  clock.advance(leaseMs / 2)
  expect(hold.stillMine()).toBe(true)
  expect(row(id).leaseUntil).toBe(begun + leaseMs)
  clock.advance(1)
  expect(hold.stillMine()).toBe(true)
  expect(row(id).leaseUntil).toBe(clock() + leaseMs)
  cancelModelRequest(db, admin.id, id, clock)
  expect(hold.stillMine()).toBe(false)
})

test('what a machine was found to have is asked for again after five minutes, and of each machine', async () => {
  const { run, checks, clock, lose, machine, ref } = await checkedSite()
  await run()
  expect(checks()).toBe(1)
  clock.advance(5 * MINUTE_MS)
  await run()
  expect(checks()).toBe(2)
  lose(ref)
  machine()
  await run()
  expect(checks()).toBe(3)
})

test('a machine that lacked a file is asked again by the next request', async () => {
  const site = requestSite()
  site.machine()
  site.prompts.missing.files.push(FILE)
  const worker = site.worker()
  for (const _ of [1, 2]) {
    site.call()
    await worker.pass()
    await worker.ended()
  }
  expect(checksOf(site)).toBe(2)
})

test.each([
  ['a node', { nodes: ['Gone'], files: [] }, 'nodes_missing'],
  ['a model file', { nodes: [], files: [FILE] }, 'models_missing'],
  ['nothing', { nodes: [], files: [] }, 'refused'],
])('a prompt refused after the check says what went missing: %s', async (_what, missing, errorClass) => {
  const { run, prompts } = await checkedSite()
  prompts.missing = missing
  prompts.onSubmit = () => {
    throw new RequestError('refused', 'as the test wants it')
  }
  expect(await run()).toMatchObject({ status: 'failed', errorClass })
  // By the request before.
  expect(prompts.submitted).toHaveLength(1)
  // It is asked again, before anything is handed over.
  if (missing.nodes.length) expect(await run()).toMatchObject({ errorClass, submittedAt: null })
})
