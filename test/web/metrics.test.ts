import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { requestRoute } from '~/telemetry/request-route'
import { until } from '../support/until'
import { startSite } from './site'

const METRICS_TOKEN = 'metrics_CANARY_0123456789'
const AUTHORIZATION = { authorization: `Bearer ${METRICS_TOKEN}` }

async function siteWithMetrics() {
  const site = await startSite({ env: { METRICS_TOKEN } })
  const read = async () => (await site.visitor().get('/metrics', AUTHORIZATION)).text
  return { ...site, read }
}

it('there are no metrics without a token, and with one for nobody who does not send it', async () => {
  const closed = await startSite()
  expect((await closed.visitor().get('/metrics', AUTHORIZATION)).status).toBe(404)
  const { visitor, signedIn, admin } = await siteWithMetrics()
  const refused = [
    await visitor().get('/metrics'),
    await visitor().get('/metrics', { authorization: `Bearer ${METRICS_TOKEN}x` }),
    await visitor().get('/metrics', { authorization: METRICS_TOKEN }),
    await signedIn(admin).get('/metrics'),
  ]
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401])
  expect(refused.map((answer) => answer.text).join()).not.toContain('slipway_http')
  expect(await visitor().get('/metrics', AUTHORIZATION)).toMatchObject({ status: 200 })
})

it('metrics are read under whatever name a Prometheus server knows the process by', async () => {
  const { port } = await siteWithMetrics()
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { host: 'web:3000', ...AUTHORIZATION }
    request({ port, path: '/metrics', headers }, (res) => resolve(text(res)))
      .on('error', reject)
      .end()
  })
  expect(answer).toContain('slipway_http_requests_total')
})

it('no label is made of what somebody sends or owns', async () => {
  const { visitor, signedIn, runMachine, admin, read, metricsAreCounted } = await countedSite()
  const machineId = runMachine(admin)
  const browser = signedIn(admin)
  await browser.get(`/machines/${machineId}?hf_CANARYquery`)
  await browser.get('/hf_CANARYpath')
  await browser.get('/trpc/hf_CANARYprocedure')
  await visitor().get('/sign-in/hf_CANARYtoken')
  await metricsAreCounted(4)
  expect(await read()).not.toMatch(new RegExp(`CANARY|${machineId}|Ada`))
})

it('requests are counted by group, method and class of the status', async () => {
  const { signedIn, admin, read, metricsAreCounted } = await countedSite()
  const browser = signedIn(admin)
  await browser.get('/machines')
  await browser.get('/trpc/machines.list')
  await browser.mutate('machines.stop', { id: 'nosuchmachine' })
  await metricsAreCounted(3)
  const lines = (await read()).split('\n')
  expect(lines).toContain('slipway_http_requests_total{route="pages",method="GET",status="2xx"} 1')
  expect(lines).toContain('slipway_http_requests_total{route="trpc",method="GET",status="2xx"} 1')
  expect(lines).toContain('slipway_http_requests_total{route="trpc",method="POST",status="4xx"} 1')
  expect(lines).toContain('slipway_http_request_seconds_count{route="trpc",method="POST"} 1')
})

it('a scrape says which machines there are, and for how long the longest waiting has waited', async () => {
  const { signedIn, runMachine, failMachine, admin, clock, read } = await siteWithMetrics()
  runMachine(admin)
  failMachine(admin)
  await signedIn(admin).mutate('machines.launch', {})
  clock.advance(90_000)
  const lines = (await read()).split('\n')
  expect(lines).toContain('slipway_machines{state="running"} 1')
  expect(lines).toContain('slipway_machines{state="queued"} 1')
  expect(lines).toContain('slipway_launch_queue{state="waiting"} 1')
  expect(lines).toContain('slipway_launch_queue_oldest_seconds 90')
  expect(lines).toContain('slipway_workers{state="working"} 0')
})

it('every word of an address of the pages, or of their data, may be written down, and nothing else of it', () => {
  const files = readdirSync('app/routes').map((file) => file.replace(/\.tsx?$/, ''))
  const paths = files.map((file) =>
    file
      .replaceAll(/\[(.*?)\]/g, (_, literal: string) => literal.replaceAll('.', '\0'))
      .split('.')
      .filter((part) => part !== '_index' && !/^_(?!_)/.test(part))
      .map((part) => part.replace(/_$/, '').replaceAll('\0', '.'))
      .filter((part) => part !== ''),
  )
  for (const path of paths) {
    const address = `/${path.map((part) => (part.startsWith('$') ? 'CANARY' : part)).join('/')}`
    const wanted = `/${path.map((part) => (part.startsWith('$') ? ':id' : part)).join('/')}`
    const page = requestRoute(`${address}?q=CANARY`, new Set())
    expect(page.path).toBe(wanted)
    const data = path.length ? `${address}.data` : '/_root.data'
    expect(requestRoute(`${data}?q=CANARY`, new Set())).toEqual(page)
  }
})

async function countedSite() {
  const site = await siteWithMetrics()
  /** An answer arrives before the server knows that it has. */
  const metricsAreCounted = (requests: number) =>
    until('the requests are counted', () => site.requestLines.length >= requests)
  return { ...site, metricsAreCounted }
}
