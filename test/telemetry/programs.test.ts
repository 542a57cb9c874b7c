import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../support/app'
import { collector } from '../support/collector'
import { freePort } from '../support/free-port'
import { until } from '../support/until'

const METRICS_TOKEN = 'metrics_CANARY_0123456789'

test('web and worker as they are built tell their metrics, one trace of a launch, and its request in both logs', async () => {
  const traces = await collector()
  const workerPort = await freePort()
  const app = await startApp({
    METRICS_TOKEN,
    WORKER_METRICS_PORT: String(workerPort),
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    // How long spans are collected before they are sent.
    OTEL_BSP_SCHEDULE_DELAY: '50',
  })
  onTestFinished(app.stop)
  const launched = await fetch(`${app.url}/trpc/machines.launch`, {
    method: 'POST',
    headers: { cookie: await app.signIn(), origin: app.url, 'content-type': 'application/json' },
    body: '{}',
  })
  const requestId = String(launched.headers.get('x-request-id'))
  const names = [
    'POST /trpc/machines.launch',
    'procedure machines.launch',
    'launch',
    'snapshot',
    'runtime start',
  ]
  const ofLaunch = () => traces.spans().filter(({ name }) => names.includes(name))
  await until('all of the launch was traced', () => ofLaunch().length >= names.length)
  expect(
    ofLaunch()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...names].sort())
  expect(new Set(ofLaunch().map(({ traceId }) => traceId)).size).toBe(1)

  const read = async (url: string) => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
    return answer.text()
  }
  const [web, worker] = [app.url, `http://127.0.0.1:${workerPort}`]
  expect(await read(`${web}/metrics`)).toContain('slipway_machines{state="running"} 1')
  expect(await read(`${worker}/metrics`)).toContain(
    'slipway_launches_total{result="running",error_class=""} 1',
  )
  expect(await read(`${worker}/healthz`)).toBe('{"ok":true}')
  expect((await fetch(`${worker}/metrics`)).status).toBe(401)

  const found = app.logs().map((log) => log.split('\n').filter((line) => line.includes(requestId)))
  expect(found.map((lines) => lines.map((line) => JSON.parse(line).msg))).toEqual([
    expect.arrayContaining(['request']),
    expect.arrayContaining(['launch begins', 'machine is running']),
  ])
  expect(app.logs().join('')).not.toContain('CANARY')
}, 60_000)
