import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { sendSignal } from '../support/send-signal'
import { freePort, launch, processesOf } from './launcher'

const READY = /Slipway is ready: (\S+)/
let dataDir: string
let port: number

vi.setConfig({ testTimeout: 60_000 })
beforeAll(() => execFileSync(process.execPath, ['scripts/build.mjs']), 300_000)
beforeEach(async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-start-')))
  port = await freePort()
})
afterEach(() => {
  for (const { pid } of processesOf(dataDir)) sendSignal(pid, 'SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
})

const start = (settings: Record<string, string> = {}) =>
  launch({ DATA_DIR: dataDir, PORT: String(port), ...settings })
const commands = () => processesOf(dataDir).map(({ command }) => command)
const pidOf = (program: string) =>
  processesOf(dataDir).find(({ command }) => command.includes(program))?.pid ?? 0

it('says where Slipway is and how to sign in, and again after a restart, quickly and without a build', async () => {
  const first = start()
  await first.prints(/^Sign in: http:\/\/localhost:\d+\/sign-in\/\S+$/m)
  expect(READY.exec(first.output())?.[1]).toBe(`http://localhost:${port}`)
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  expect(statSync(join(dataDir, 'token-keys')).mode & 0o777).toBe(0o600)
  first.signal('SIGTERM')
  await expect(first.exited).resolves.toBe(0)

  const second = start()
  await second.prints(/^Sign in:/m)
  expect(second.output()).not.toMatch(/Build|Install/)
  second.signal('SIGTERM')
  await second.exited
})

it.each(['SIGINT', 'SIGTERM'] as const)('leaves no process behind after %s', async (signal) => {
  const slipway = start()
  await slipway.prints(READY)
  for (const program of ['web/index.js', 'worker/index.js', 'redis']) {
    expect(commands()).toContainEqual(expect.stringContaining(program))
  }
  slipway.signal(signal)
  await expect(slipway.exited).resolves.toBe(0)
  expect(commands()).toEqual([])
})

it('takes the Ctrl-C that npm passes on a second time for the one that it is', async () => {
  const slipway = start()
  await slipway.prints(READY)
  slipway.signal('SIGINT')
  await slipway.prints(/Stopping… \(press Ctrl-C again to stop at once\)/)
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
  expect(commands()).toEqual([])
})

it('stops at once when Ctrl-C is pressed again, even when a process hangs', async () => {
  const slipway = start()
  await slipway.prints(READY)
  sendSignal(pidOf('worker/index.js'), 'SIGSTOP')
  const pressing = setInterval(() => slipway.signal('SIGINT'), 300)
  await expect(slipway.exited).resolves.toBe(130)
  clearInterval(pressing)
  await vi.waitFor(() => expect(commands()).toEqual([]))
})

it('starts a web or worker process again that was killed', async () => {
  const slipway = start()
  await slipway.prints(READY)
  for (const program of ['web', 'worker']) {
    const before = pidOf(`${program}/index.js`)
    sendSignal(before, 'SIGKILL')
    await slipway.prints(new RegExp(`The ${program} process ended unexpectedly`))
    await vi.waitFor(() => expect([0, before]).not.toContain(pidOf(`${program}/index.js`)), {
      timeout: 15_000,
    })
  }
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
    timeout: 20_000,
  })
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
  expect(commands()).toEqual([])
})

it('takes its children along when it is killed, and starts on what it left', async () => {
  const killed = start()
  await killed.prints(READY)
  killed.signal('SIGKILL')
  await killed.exited
  await vi.waitFor(() => expect(commands()).toEqual([expect.stringContaining('redis')]), { timeout: 15_000 })

  const next = start()
  await next.prints(READY)
  expect(next.output()).toContain('Ended a Redis server that an earlier run left behind.')
  next.signal('SIGINT')
  await next.exited
  expect(commands()).toEqual([])
})

it('is ready without the Redis of REDIS_URL, and says that it is missing', async () => {
  const slipway = start({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
  await slipway.prints(/^Sign in:/m)
  expect(slipway.output()).toMatch(READY)
  expect(slipway.output()).toContain('Redis is missing')
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
  expect(commands()).toEqual([])
})

it('says when no sign-in link can be made, and runs all the same', async () => {
  const fault = join(dataDir, 'fault.mjs')
  writeFileSync(
    fault,
    "if (process.argv[1]?.endsWith('tools/sign-in-link.js')) throw new Error('out of order')",
  )
  const slipway = start({ NODE_OPTIONS: `--import=${fault}` })
  await slipway.prints(/There is no sign-in link/)
  expect(slipway.output()).toContain('out of order')
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
})

it('names a port that is in use and the cure, before it does anything else', async () => {
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  const slipway = start()
  await expect(slipway.exited).resolves.toBe(1)
  expect(slipway.output()).toBe(
    `Port ${port} on 127.0.0.1 is in use. Stop the program that uses it, or choose another port: PORT=${port + 1} npm start\n`,
  )
  other.close()
})

it('lists every faulty setting at once, and starts nothing', async () => {
  const slipway = start({ PORT: 'many', RUNTIME: 'magic', LOG_LEVEL: 'loud' })
  await expect(slipway.exited).resolves.toBe(1)
  for (const setting of ['PORT', 'RUNTIME', 'LOG_LEVEL'])
    expect(slipway.output()).toContain(`  ${setting} must be`)
  expect(commands()).toEqual([])
})

it('refuses a second launcher on the same data', async () => {
  const slipway = start()
  await slipway.prints(READY)
  const second = start({ PORT: String(await freePort()) })
  await expect(second.exited).resolves.toBe(1)
  expect(second.output()).toContain(`Slipway already runs on ${dataDir} (process ${slipway.pid})`)
  slipway.signal('SIGINT')
  await slipway.exited
})

it('refuses an address that this machine does not have', async () => {
  const slipway = start({ HOST: '192.0.2.1' })
  await expect(slipway.exited).resolves.toBe(1)
  expect(slipway.output()).toContain('HOST=192.0.2.1 is not an address of this machine.')
})

it('tells what a program that cannot start complains of, and ends what it started', async () => {
  const fault = join(dataDir, 'fault.mjs')
  writeFileSync(fault, "if (process.argv[1]?.endsWith('worker/index.js')) throw new Error('out of order')")
  const slipway = start({ NODE_OPTIONS: `--import=${fault}` })
  await expect(slipway.exited).resolves.toBe(1)
  expect(slipway.output()).toContain('out of order')
  expect(slipway.output()).toContain('The worker process ended while starting (code 1).')
  expect(commands()).toEqual([])
})
