import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { findDiskUsage } from '~/db/disk-usage'
import { markActive } from '~/db/machine-activity'
import { findMachine } from '~/db/machine-states'
import { findRequest } from '~/db/model-request-work'
import { getRequestInputs } from '~/db/model-requests'
import { machineServices, machines, modelRequests } from '~/db/schema'
import { launch } from '~/worker/launch'
import { measureDisk } from '~/worker/measure-disk'
import { keepRequests } from '~/worker/requests/keep'
import { letGoOfUnused } from '~/worker/requests/let-go'
import { until } from '../support/until'
import { queueing } from './queueing'
import { requestSite } from './site'

const never = () => new AbortController().signal
const DAY_MS = 24 * 60 * 60_000

/** A machine that was launched for a request, and has completed it. */
async function afterRequest() {
  const site = requestSite()
  const { call, serveAll, run, allMachines, db, admin, deps } = site
  const id = call()
  await serveAll()
  const machineId = allMachines()[0]?.id ?? ''
  run({ machineId, attempt: 1 })
  await serveAll()
  const comfyui = await queueing()
  onTestFinished(comfyui.close)
  db.update(machineServices)
    .set({ address: comfyui.url })
    .where(eq(machineServices.machineId, machineId))
    .run()
  const folder = join(deps.dataDir, 'results', admin.id, id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '0'), 'x'.repeat(100_000))
  const status = () => findMachine(db, machineId)?.status
  return { ...site, id, machineId, comfyui, folder, status, letGo: letGoOfUnused(deps, never()) }
}

test('a machine for requests is let go once none has come for a while, and its timeline says why', async () => {
  const { letGo, status, clock, deps, added, machineId } = await afterRequest()
  await letGo()
  expect(status()).toBe('running')
  clock.advance(deps.requests.idleMs)
  await letGo()
  expect(status()).toBe('stopping')
  expect(added).toContainEqual({ job: 'stop', machineId, attempt: 1 })
})

test('it stays while a request is on it or waits for it, ComfyUI works, or somebody uses it', async () => {
  const { letGo, status, clock, deps, comfyui, call, machineId, db, prompts, worker } = await afterRequest()
  const idle = async () => {
    clock.advance(deps.requests.idleMs)
    await letGo()
    return status()
  }
  comfyui.prompts = 1
  expect(await idle()).toBe('running')
  comfyui.prompts = 0
  clock.advance(deps.requests.idleMs)
  markActive(db, machineId, clock)
  await letGo()
  expect(status()).toBe('running')
  call()
  expect(await idle()).toBe('running')
  prompts.stuck = 'follow'
  const one = worker()
  await one.pass()
  await until(
    'it follows the second one',
    () => prompts.submitted.length === 2 && prompts.seen.at(-1) === 'follow',
  )
  db.update(machines).set({ activeAt: 0 }).run()
  expect(await idle()).toBe('running')
  prompts.release()
  await one.ended()
})

test('it is let go though it gives no answer, once it has given none for as long', async () => {
  const { letGo, status, clock, deps, comfyui } = await afterRequest()
  await comfyui.close()
  clock.advance(deps.requests.idleMs)
  await letGo()
  clock.advance(deps.requests.idleMs - 1)
  await letGo()
  expect(status()).toBe('running')
  clock.advance(1)
  await letGo()
  expect(status()).toBe('stopping')
})

test('a machine that its owner launched is never let go for want of requests', async () => {
  const { letGo, status, clock, db, deps } = await afterRequest()
  db.update(machines).set({ forRequests: false }).run()
  clock.advance(deps.requests.idleMs)
  await letGo()
  expect(status()).toBe('running')
})

test('inputs, texts and files go after as many days as set, and the request itself after 90', async () => {
  const { db, clock, deps, id, folder, row, admin } = await afterRequest()
  db.update(modelRequests)
    .set({ texts: { caption: ['a cat'] } })
    .run()
  const keep = keepRequests(deps)
  clock.advance(7 * DAY_MS - 1)
  await keep()
  expect(existsSync(folder)).toBe(true)
  clock.advance(1)
  await keep()
  expect(existsSync(folder)).toBe(false)
  expect(getRequestInputs(db, admin.id, id)).toBeNull()
  expect(row(id)).toMatchObject({ texts: null, expiredAt: clock(), status: 'completed' })
  clock.advance(83 * DAY_MS - 1)
  await keep()
  expect(findRequest(db, id)).toBeDefined()
  clock.advance(1)
  await keep()
  expect(findRequest(db, id)).toBeUndefined()
})

test('files that no request knows are removed; those of one in progress stay', async () => {
  const { deps, admin, call, folder, prompts, worker } = await afterRequest()
  prompts.stuck = 'results'
  const one = worker()
  const id = call()
  one.begin(id)
  const stray = join(deps.dataDir, 'results', admin.id, 'stray')
  const written = join(deps.dataDir, 'results', admin.id, id)
  for (const path of [stray, written]) mkdirSync(path)
  await keepRequests(deps)()
  expect([stray, written, folder].map((path) => existsSync(path))).toEqual([false, true, true])
  one.shutdown.abort()
  await one.ended()
})

test('what came out of models counts among its caller’s files', async () => {
  const { deps, db, admin } = await afterRequest()
  for (let n = 0; n < 2; n++) await measureDisk(deps, never())
  expect(findDiskUsage(db, admin.id)?.results).toBeGreaterThanOrEqual(100_000)
})

test('a session ends when it was asked to, if that is before everybody’s', async () => {
  const { deps, machine, db, clock } = requestSite()
  const endOf = async (sessionMs: number | null, limitMs?: number) => {
    const { machineId } = machine()
    db.update(machines)
      .set({ sessionMs, status: 'queued', leaseUntil: 0 })
      .where(eq(machines.id, machineId))
      .run()
    await launch({ ...deps, machineLimits: { sessionMs: limitMs } }, { machineId, attempt: 1 }, never())
    const endsAt = findMachine(db, machineId)?.endsAt
    return endsAt && endsAt - clock()
  }
  expect(await endOf(null)).toBeNull()
  expect(await endOf(1000)).toBe(1000)
  expect(await endOf(1000, 5000)).toBe(1000)
  expect(await endOf(9000, 5000)).toBe(5000)
})
