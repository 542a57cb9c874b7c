import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { getMachine } from '~/db/machines'
import { retryDelayMs } from '~/worker/deps'
import { openLaunchQueue } from '~/worker/queue'
import type { Runtime } from '~/worker/runtimes/runtime'
import { startWorker } from '~/worker/start'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'
import { recordingLogger } from '../support/logger'
import { startRedis } from '../support/redis'
import { FailingRuntime } from '../support/runtimes'
import { until } from '../support/until'

/** A worker in this process that launches one machine on the runtime. */
async function launchOn(runtime: Runtime) {
  const { dataDir, db, installation, admin } = testInstallation()
  const redis = await startRedis(join(dataDir, 'redis'))
  const queue = openLaunchQueue({ redisUrl: redis.url, installationId: installation.id }, () => undefined)
  const { logger, lines } = recordingLogger()
  const delays: number[] = []
  const worker = startWorker(
    {
      db,
      installation,
      runtime,
      queue,
      clock: Date.now,
      logger,
      timings: {
        leaseMs: 5000,
        renewEveryMs: 500,
        sweepEveryMs: 100,
        beatEveryMs: 1000,
        checkEveryMs: 1000,
        retryDelayMs: (tries) => {
          delays.push(tries)
          return 50 * tries
        },
      },
      holdSecrets: () => () => undefined,
      saves: { folder: join(dataDir, 'saves'), reserveBytes: 0 },
      issuers: undefined,
      endpoints: { huggingfaceEndpoint: undefined, civitaiEndpoint: undefined, downloadHosts: [] },
    },
    redis.url,
  )
  onTestFinished(async () => {
    await worker.close()
    await queue.close()
    await redis.kill()
  })
  const { machineId, attempt } = launchMachine(
    db,
    { userId: admin.id, kind: 'comfyui', name: 'One' },
    SOMEBODY,
    Date.now,
  )
  await queue.add({ job: 'launch', machineId, attempt })
  const machine = await until('the launch ends', () => {
    const found = getMachine(db, admin.id, machineId)
    return found && ['running', 'failed'].includes(found.status) ? found : undefined
  })
  return { machine, delays, lines, redis }
}

describe('fault 23: an error that will not pass', () => {
  test('the launch fails at the first try', async () => {
    const runtime = new FailingRuntime('command_not_found')
    const { machine, delays } = await launchOn(runtime)
    expect(machine).toMatchObject({ status: 'failed', error: { class: 'command_not_found' } })
    expect(runtime.plans).toHaveLength(1)
    expect(delays).toEqual([])
    expect(runtime.running.size).toBe(0)
  })
})

describe('fault 24: an error that passes', () => {
  test('the launch is tried again after a while, and runs at the third try', async () => {
    const runtime = new FailingRuntime('runtime_unavailable', 2)
    const { machine, delays } = await launchOn(runtime)
    expect(machine).toMatchObject({ status: 'running', attempt: 1, error: null })
    expect(runtime.plans).toHaveLength(3)
    expect(delays).toEqual([1, 2])
  })

  test('one that does not pass after all ends the launch at the fourth try', async () => {
    const runtime = new FailingRuntime('service_exited')
    const { machine, delays } = await launchOn(runtime)
    expect(machine).toMatchObject({ status: 'failed', error: { class: 'service_exited' } })
    expect(runtime.plans).toHaveLength(4)
    expect(delays).toEqual([1, 2, 3])
    expect(runtime.running.size).toBe(0)
  })

  test('delays grow and are not the same for everybody', () => {
    const many = (tries: number) => Array.from({ length: 200 }, () => retryDelayMs(tries))
    for (const tries of [1, 2, 3]) {
      expect(Math.max(...many(tries))).toBeLessThan(Math.min(...many(tries + 1)))
      expect(new Set(many(tries)).size).toBeGreaterThan(100)
    }
  })

  test('Redis learns the class of an error, and nothing of its detail', async () => {
    const runtime = new FailingRuntime('runtime_unavailable', 2, 'detail with hf_CANARYdetail')
    const { redis, lines } = await launchOn(runtime)
    const written = redis.written()
    expect(written).toContain('runtime_unavailable')
    expect(written).not.toContain('hf_CANARY')
    expect(lines.join('\n')).not.toContain('hf_CANARY')
  })
})
