import { expect, test } from 'vitest'
import { claimLaunch } from '~/db/machine-claims'
import { markRunning } from '~/db/machine-outcomes'
import { launchMachine } from '~/db/machine-requests'
import { findRequest } from '~/db/model-request-work'
import { createModelRequest } from '~/db/model-requests'
import { LAUNCH_ERRORS } from '~/launch-errors'
import { Prompts } from '../fakes/prompts'
import { SOMEBODY } from '../support/actors'
import { FailingRuntime, PromptRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { installationWithRedis } from '../support/worker-here'
import { publishModels } from './site'

test('requests run while Redis is away and when it is back, each handed over once', async () => {
  const site = await installationWithRedis()
  const { db, admin, redis, queue } = site
  publishModels(db, admin)
  const runtime = new PromptRuntime()
  const ref = launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'Mine' }, SOMEBODY, Date.now)
  const claimed = claimLaunch(db, ref, { leaseMs: 1000, clock: Date.now })
  if (!claimed) throw new Error('It can’t be launched.')
  runtime.running.set(ref.machineId, { ...ref, services: ['comfyui'] })
  markRunning(db, claimed.claim, [{ name: 'comfyui', address: 'http://comfyui' }], Date.now)
  const prompts = new Prompts()
  site.startWorkerHere(runtime, {}, prompts.tools)
  const call = async () => {
    const given = { userId: admin.id, modelId: 'ada/one', version: 1, inputs: {}, given: {} }
    const { id } = createModelRequest(db, given, { queuedMax: 100, limits: {}, clock: Date.now })
    await queue.add({ job: 'request', id })
    await until('it is completed', () => findRequest(db, id)?.status === 'completed')
  }
  await call()
  await redis.kill()
  await call()
  await redis.restart()
  await call()
  expect(prompts.submitted).toHaveLength(3)
})

test.each([
  ['runs', new PromptRuntime(), 'The machine that was launched for this runs without ComfyUI.'],
  ['could not be started', new FailingRuntime('not_set_up'), LAUNCH_ERRORS.not_set_up.message],
])('requests learn that their machine %s long before the next pass', async (_, runtime, said) => {
  const { db, admin, queue, startWorkerHere } = await installationWithRedis()
  publishModels(db, admin)
  startWorkerHere(runtime, { sweepEveryMs: 3_600_000 }, new Prompts().tools)
  const given = { userId: admin.id, modelId: 'ada/one', version: 1, inputs: {}, given: {} }
  const { id } = createModelRequest(db, given, { limits: {}, queuedMax: 100, clock: Date.now })
  await queue.add({ job: 'request', id })
  await until('it failed', () => findRequest(db, id)?.status === 'failed')
  expect(findRequest(db, id)?.errorMessage).toBe(said)
})
