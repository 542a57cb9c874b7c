import { expect, it } from 'vitest'
import { saveProviderToken } from '~/db/provider-tokens'
import { openTracing } from '~/telemetry/tracing'
import { launch } from '~/worker/launch'
import { LaunchError } from '~/worker/launch-errors'
import type { LaunchPlan } from '~/worker/runtimes/runtime'
import { startTogether } from '~/worker/runtimes/start-together'
import { listen } from '../fakes/listen'
import { SOMEBODY } from '../support/actors'
import { collector, type Told } from '../support/collector'
import { PromptRuntime } from '../support/runtimes'
import { testDeps } from '../support/worker-deps'
import { startSite } from '../web/site'

const TOKEN = 'hf_CANARYtracing0123456789'

/** Starts its services as the real runtimes do. */
class TogetherRuntime extends PromptRuntime {
  override async start(plan: LaunchPlan, signal: AbortSignal) {
    await startTogether(plan, signal, async () => 'http://127.0.0.1:9')
    return super.start(plan, signal)
  }
}

it('without a collector there are no traces', async () => {
  expect(await openTracing(undefined, 'web')).toBeUndefined()
})

it('a launch is one trace, from the request over the procedure to each service, and says nothing secret', async () => {
  const { url, bodies, spans } = await collector()
  const [web, worker] = [await openTracing(url, 'web'), await openTracing(url, 'worker')]
  const site = await startSite({ tracing: web })
  const { deps } = testDeps(new TogetherRuntime(), { ...site, installation: site.services.installation })
  saveProviderToken(deps, site.admin.id, 'huggingface', TOKEN, SOMEBODY)
  const answer = await site
    .signedIn(site.admin)
    .mutate('machines.launch?hf_CANARYquery', { name: 'hf_CANARYname', kind: 'comfyui' })
  const { id: machineId } = JSON.parse(answer.text).result.data
  await launch({ ...deps, tracing: worker }, { machineId, attempt: 1 }, new AbortController().signal)
  await Promise.all([web?.close(), worker?.close()])

  const all = spans()
  const below = (parent?: Told) =>
    all.filter(({ parentSpanId = '' }) => parentSpanId === (parent?.spanId ?? ''))
  const [request] = below()
  expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1)
  expect(request?.name).toBe('POST /trpc/machines.launch')
  expect(
    below(request)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['launch', 'procedure machines.launch'])
  const steps = below(all.find(({ name }) => name === 'launch'))
  expect(steps.map(({ name }) => name)).toEqual(['snapshot', 'runtime start'])
  expect(below(steps[1]).map(({ name }) => name)).toEqual(['service ready'])
  expect(bodies.join('')).not.toContain('CANARY')
})

it('of what went wrong a trace has the class and not the words', async () => {
  const { url, bodies, spans } = await collector()
  const tracing = await openTracing(url, 'worker')
  const span = tracing?.goOn('fails-00', 'launch', {})
  span?.end(new LaunchError('start_timeout', `${TOKEN} was printed.`))
  await tracing?.close()
  expect(spans()[0]?.attributes).toContainEqual({
    key: 'error.type',
    value: { stringValue: 'start_timeout' },
  })
  expect(bodies.join('')).not.toContain('CANARY')
})

it('a collector that is away holds up nothing', async () => {
  const gone = await listen(() => undefined)
  await gone.close()
  const tracing = await openTracing(gone.url, 'worker')
  tracing?.goOn('request-00', 'launch', {}).end()
  await tracing?.close()
})
