import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { sendSignal } from '../support/send-signal'
import { freePort, launch, processesOf } from './launcher'

let dataDir: string
let port: number
let cookie: string

beforeAll(() => execFileSync(process.execPath, ['scripts/build.mjs']), 300_000)
beforeEach(async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-start-')))
  port = await freePort()
})
afterEach(() => {
  for (const { pid } of processesOf(dataDir)) sendSignal(pid, 'SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
})

const start = () => launch({ DATA_DIR: dataDir, PORT: String(port) })
const services = () => processesOf(dataDir).filter(({ command }) => command.includes('filebrowser/index.js'))
const post = (path: string, body?: unknown) =>
  fetch(`http://localhost:${port}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: `http://localhost:${port}`,
      cookie,
      'content-type': body ? 'application/json' : 'application/x-www-form-urlencoded',
    },
    body: body ? JSON.stringify(body) : '',
  })

async function statusOf(id: string) {
  const input = encodeURIComponent(JSON.stringify({ id }))
  const answer = await fetch(`http://localhost:${port}/trpc/machines.get?input=${input}`, {
    headers: { cookie },
  })
  return (await answer.json()).result.data.status
}

/** Starts Slipway, signs in by the printed link and launches a machine. */
async function startWithMachine() {
  const slipway = start()
  const [, link = ''] = await slipway.prints(/^Sign in: (\S+)$/m)
  cookie = ''
  const signedIn = await post(new URL(link).pathname)
  cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const answer = await post('/trpc/machines.launch', { kind: 'comfyui' })
  const { id } = (await answer.json()).result.data
  await vi.waitFor(async () => expect(await statusOf(id)).toBe('running'), { timeout: 20_000 })
  return { slipway, id }
}

it('ends the machines with Ctrl-C', async () => {
  const { slipway } = await startWithMachine()
  expect(services()).toHaveLength(1)
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
  expect(processesOf(dataDir)).toEqual([])
}, 60_000)

it('ends the machines with Ctrl-C while the worker is down', async () => {
  const { slipway } = await startWithMachine()
  const worker = processesOf(dataDir).find(({ command }) => command.includes('worker/index.js'))
  sendSignal(worker?.pid, 'SIGKILL')
  await slipway.prints(/The worker process ended unexpectedly/)
  expect(services()).toHaveLength(1)
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
  expect(processesOf(dataDir)).toEqual([])
}, 60_000)

it('leaves the machines running on SIGTERM, and finds them again', async () => {
  const { slipway, id } = await startWithMachine()
  const running = services()
  slipway.signal('SIGTERM')
  await expect(slipway.exited).resolves.toBe(0)
  expect(processesOf(dataDir)).toEqual(running)

  const next = start()
  await next.prints(/Slipway is ready/)
  expect(await statusOf(id)).toBe('running')
  expect(services()).toEqual(running)
  next.signal('SIGINT')
  await next.exited
  expect(next.output()).not.toContain('Sign in:')
  expect(processesOf(dataDir)).toEqual([])
}, 60_000)
