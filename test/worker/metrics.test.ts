import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { claimLaunch } from '~/db/machine-claims'
import { launchMachine } from '~/db/machine-requests'
import { saveProviderToken } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { workerMetrics } from '~/telemetry/worker-metrics'
import { launch } from '~/worker/launch'
import { metricsServer, serveMetrics } from '~/worker/metrics-server'
import { redisAlarm } from '~/worker/redis-alarm'
import type { LaunchPlan } from '~/worker/runtimes/runtime'
import { sweeper } from '~/worker/sweeper'
import { listen } from '../fakes/listen'
import { SOMEBODY } from '../support/actors'
import { recordingLogger } from '../support/logger'
import { FailingRuntime, PromptRuntime } from '../support/runtimes'
import { testDeps } from '../support/worker-deps'

const TOKEN = 'hf_CANARYmetrics0123456789'
const never = () => new AbortController().signal

function system(runtime = new PromptRuntime()) {
  const made = testDeps(runtime)
  const { db, member, clock, deps } = made
  const queued = () => launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  const lines = async () => (await deps.metrics.registry.metrics()).split('\n')
  return { ...made, queued, lines, launch: (ref = queued()) => launch(deps, ref, never()) }
}

test('a launch that succeeds is counted once, with the seconds since it was asked for', async () => {
  const { launch, queued, clock, lines } = system()
  const ref = queued()
  clock.advance(7000)
  await launch(ref)
  await launch(ref)
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'slipway_launches_total{result="running",error_class=""} 1',
      'slipway_launch_claims_total 1',
      'slipway_launch_seconds_sum 7',
      'slipway_launch_seconds_count 1',
    ]),
  )
})

test('a launch that fails counts each try that is made again, and the end with its class', async () => {
  const { launch, queued, clock, lines } = system(new FailingRuntime('runtime_unavailable'))
  const ref = queued()
  for (let tries = 1; tries <= 4; tries++) {
    await launch(ref).catch(() => undefined)
    clock.advance(60_000)
  }
  const counted = await lines()
  expect(counted).toContain('slipway_launch_retries_total{error_class="runtime_unavailable"} 3')
  expect(counted).toContain('slipway_launches_total{result="failed",error_class="runtime_unavailable"} 1')
})

test.each(['ends well', 'fails'])(
  'a start that %s after another worker took over is not counted',
  async (how) => {
    class OvertakenRuntime extends PromptRuntime {
      override async start(plan: LaunchPlan, signal: AbortSignal) {
        made.clock.advance(made.deps.timings.leaseMs + 1)
        claimLaunch(made.db, plan, { leaseMs: 60_000, clock: made.clock })
        if (how === 'fails') throw new Error('It did not work.')
        return super.start(plan, signal)
      }
    }
    const made = system(new OvertakenRuntime())
    await made.launch()
    expect(
      (await made.lines()).filter((line) => /^slipway_launch(es|_retries|_seconds_count)/.test(line)),
    ).toEqual(['slipway_launch_seconds_count 0'])
  },
)

test('decrypted tokens are counted by purpose, and those that no key fits', async () => {
  const { launch, deps, db, member, lines } = system()
  saveProviderToken(deps, member.id, 'huggingface', TOKEN, SOMEBODY)
  await launch()
  db.update(providerTokens)
    .set({ sealed: 'v1.damaged.AAAA' })
    .where(eq(providerTokens.userId, member.id))
    .run()
  await launch().catch(() => undefined)
  const counted = await lines()
  expect(counted).toContain('slipway_token_decrypts_total{purpose="launch",result="ok"} 1')
  expect(counted).toContain('slipway_token_decrypts_total{purpose="launch",result="unreadable"} 1')
  expect(counted.join()).not.toContain('CANARY')
})

test('what the sweeper mends is counted once, however often it looks', async () => {
  const runtime = new PromptRuntime()
  const { launch, deps, lines } = system(runtime)
  await launch()
  runtime.running.clear()
  runtime.running.set('stray', { machineId: 'stray', attempt: 1, services: ['filebrowser'] })
  const sweep = sweeper(deps, never(), () => undefined)
  for (let pass = 0; pass < 3; pass++) await sweep()
  const counted = await lines()
  expect(counted).toContain('slipway_sweeper_findings_total{kind="gone"} 1')
  expect(counted).toContain('slipway_sweeper_findings_total{kind="stray"} 1')
})

test('a fault of Redis shows for as long as it lasts', async () => {
  const { deps, lines } = system()
  const look = (faults: 'redis_memory'[]) =>
    redisAlarm({ ...deps, queue: { ...deps.queue, faults: async () => faults } })()
  await look(['redis_memory'])
  expect(await lines()).toContain('slipway_redis_fault{fault="redis_memory"} 1')
  await look([])
  expect(await lines()).toContain('slipway_redis_fault{fault="redis_memory"} 0')
})

test('a worker tells anybody that it lives, and its metrics to whoever has the token', async () => {
  const { registry } = workerMetrics('.')
  const { logger } = recordingLogger()
  const server = metricsServer({ registry, token: 'metrics_CANARY_0123456789', logger })
  const { url, close } = await listen((req, res) => server.emit('request', req, res))
  const ask = async (path: string, authorization = '') => {
    const answer = await fetch(url + path, { headers: { authorization } })
    return [answer.status, await answer.text()]
  }
  try {
    expect(await ask('/healthz')).toEqual([200, '{"ok":true}'])
    expect(await ask('/metrics')).toEqual([401, expect.not.stringContaining('slipway_')])
    const told = await ask('/metrics', 'Bearer metrics_CANARY_0123456789')
    expect(told).toEqual([200, expect.stringContaining('slipway_disk_free_bytes')])
    expect(await ask('/')).toEqual([404, ''])
  } finally {
    await close()
  }
})

test('a worker whose port another one has says which setting it is, and goes on without', async () => {
  const { registry } = workerMetrics('.')
  const { logger, lines } = recordingLogger()
  const { url, close } = await listen((_, res) => res.end())
  const { hostname: host, port } = new URL(url)
  const settings = { workerMetricsPort: Number(port), host, metricsToken: undefined, otlpEndpoint: undefined }
  try {
    expect(await serveMetrics(settings, registry, logger)).toBeUndefined()
    expect(lines.join()).toContain(`WORKER_METRICS_PORT ${port}`)
  } finally {
    await close()
  }
})
