import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { findAttempt } from '~/db/launch-attempts'
import { launch } from '~/worker/launch'
import { processRuntime } from '~/worker/runtimes/process/runtime'
import { bundled } from '../support/bundle'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'
import { siteWithMachine } from './machine-site'
import { startSite } from './site'

const PROXY = { TRUSTED_PROXIES: '127.0.0.1' }
const GIVEN = 'edge-0123.ABC_def'

const idOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['x-request-id'])

it('every answer names its request, by an id of its own unless a trusted proxy gave one', async () => {
  const stranger = (await startSite()).visitor()
  const own = [await stranger.get('/healthz'), await stranger.get('/nowhere', { 'x-request-id': GIVEN })]
  for (const answer of own) expect(idOf(answer)).toMatch(/^[a-z2-7]{16}$/)
  const { visitor, serviceUrl } = await startSite({ env: PROXY })
  expect(idOf(await visitor().get('/healthz', { 'x-request-id': GIVEN }))).toBe(GIVEN)
  expect(idOf(await visitor().get(serviceUrl('a'.repeat(16)), { 'x-request-id': GIVEN }))).toBe(GIVEN)
  for (const odd of ['short', 'a'.repeat(65), 'with blank 12', 'quote"12345', 'hf_CANARY/0123'])
    expect(idOf(await visitor().get('/healthz', { 'x-request-id': odd }))).toMatch(/^[a-z2-7]{16}$/)
})

it('each request is one line, of which only changes and faults reach a log that is kept quiet', async () => {
  const { signedIn, admin, db, requestLines } = await startSite()
  const browser = signedIn(admin)
  const asked = [
    await browser.get('/machines'),
    await browser.mutate('machines.launch', {}),
    await browser.mutate('machines.stop', { id: 'nosuchmachine' }),
  ]
  db.$client.exec('drop table sessions')
  asked.push(await browser.get('/machines'))
  await until('each has its line', () => requestLines.length >= 4)
  const lines = requestLines.map((line) => JSON.parse(line))
  expect(lines.map(({ requestId }) => requestId)).toEqual(asked.map(idOf))
  expect(lines.map(({ level, method, path, status }) => [level, method, path, status])).toEqual([
    [20, 'GET', '/machines', 200],
    [30, 'POST', '/trpc/machines.launch', 200],
    [20, 'POST', '/trpc/machines.stop', 404],
    [30, 'GET', '/machines', 500],
  ])
  expect(lines.slice(0, 3).map(({ userId }) => userId)).toEqual([admin.id, admin.id, admin.id])
})

it('whatever runs in a machine and fails writes nothing to a log that is kept quiet', async () => {
  const { enter, host, requestLines } = await siteWithMachine((_request, response) =>
    response.writeHead(500).end(),
  )
  const inside = await enter()
  expect((await inside.get(host)).status).toBe(500)
  const answer = () => requestLines.map((line) => JSON.parse(line)).find(({ status }) => status === 500)
  expect(await until('it has its line', answer)).toMatchObject({ level: 20, path: 'a machine' })
})

it('the line of a request has no secret of its address and no query', async () => {
  const { visitor, serviceUrl, requestLines } = await startSite()
  const paths = [
    '/sign-in/hf_CANARYlink?code=hf_CANARYcode',
    '/trpc/hf_CANARYname,machines.list?batch=1&input=hf_CANARYinput',
    '/machines?token=hf_CANARYquery',
    '/sign-in/with/hf_CANARYprovider/callback?code=hf_CANARYcode',
    `${serviceUrl('a'.repeat(16))}view/hf_CANARYfile?token=hf_CANARYquery`,
  ]
  for (const path of paths) await visitor().get(path)
  await until('each has its line', () => requestLines.length >= paths.length)
  expect(requestLines.join('')).not.toContain('CANARY')
})

it('one search for its id follows a launch from the click to the process that it started', async () => {
  const site = await startSite({ onJob: (job) => job.job === 'launch' && work(job) })
  const { services, dataDir, signedIn, admin, requestLines, db } = site
  const runtime = processRuntime({
    dataDir,
    installationId: services.installation.id,
    comfyuiCommand: undefined,
    trainerCommand: undefined,
    filebrowserProgram: join(process.cwd(), 'test/support/programs/service.mjs'),
    startTimeoutMs: 20_000,
    stopGraceMs: 1000,
    logs: { program: await bundled('worker/logs/writer.ts'), bytesMax: 65_536 },
    environment: process.env,
  })
  const { deps, lines } = testDeps(runtime, { ...site, installation: services.installation })
  let launched = Promise.resolve()
  function work(ref: { machineId: string; attempt: number }) {
    launched = launch(deps, ref, new AbortController().signal)
  }
  const answer = await signedIn(admin).mutate('machines.launch', {})
  const { id: machineId } = JSON.parse(answer.text).result.data
  onTestFinished(() => runtime.stop(machineId))
  await launched

  const requestId = idOf(answer)
  const found = [...requestLines, ...lines].filter((line) => line.includes(requestId))
  expect(found.map((line) => JSON.parse(line).msg)).toEqual([
    'request',
    'launch begins',
    'machine is running',
  ])
  expect(found.slice(1).map((line) => JSON.parse(line))).toMatchObject([
    { requestId, machineId, attempt: 1 },
    { requestId, machineId, attempt: 1 },
  ])
  expect(findAttempt(db, { machineId, attempt: 1 })).toMatchObject({ requestId })
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'run', machineId, 'filebrowser.json'), 'utf8'))
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toContain(`SLIPWAY_REQUEST=${requestId}\0`)
})

it('relaunches and retries are found by the requests that asked for them', async () => {
  const { signedIn, admin, failMachine, db } = await startSite()
  const failed = failMachine(admin)
  const retry = await signedIn(admin).mutate('admin.retryLaunch', { id: failed })
  expect(findAttempt(db, { machineId: failed, attempt: 2 })?.requestId).toBe(idOf(retry))
  const other = failMachine(admin)
  const relaunch = await signedIn(admin).mutate('machines.relaunch', { id: other })
  const { id: machineId } = JSON.parse(relaunch.text).result.data
  expect(findAttempt(db, { machineId, attempt: 1 })?.requestId).toBe(idOf(relaunch))
})
