import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sendSignal } from '../support/send-signal'
import { freePort, launch, processesOf } from './launcher'

const SOURCES = [
  'app',
  'backup',
  'cli',
  'config',
  'db',
  'filebrowser',
  'providers',
  'public',
  'scripts',
  'telemetry',
  'worker',
  'workflows',
]
const READY = /Slipway is ready/
let root: string
let port: number

vi.setConfig({ testTimeout: 120_000 })
/** The project in a folder of its own, as development writes into its build folder. */
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-dev-')))
  const files = readdirSync('.').filter((name) => /\.(ts|json)$/.test(name))
  for (const path of [...SOURCES, ...files]) cpSync(path, join(root, path), { recursive: true })
  mkdirSync(join(root, 'node_modules'))
  for (const name of readdirSync('node_modules').filter((name) => !/^\.(cache|vite)/.test(name)))
    symlinkSync(join(process.cwd(), 'node_modules', name), join(root, 'node_modules', name))
  port = await freePort()
})
afterEach(() => {
  for (const { pid } of processesOf(root)) sendSignal(pid, 'SIGKILL')
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

const start = (settings: Record<string, string> = {}) =>
  launch({ DATA_DIR: join(root, 'private'), PORT: String(port), ...settings }, ['--dev'], root)
const worker = () => processesOf(root).filter(({ command }) => command.includes('worker/index'))

/** Asks for a path as it is written, as no browser would. */
function ask(path: string, from = 'localhost'): Promise<{ status?: number; allowed?: string; body: string }> {
  const headers = { host: `localhost:${port}`, origin: `http://${from}:${port}` }
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, async (answer) => {
      let body = ''
      for await (const chunk of answer.setEncoding('utf8')) body += chunk
      const allowed = answer.headers['access-control-allow-origin']
      resolve({ status: answer.statusCode, allowed, body })
    })
      .on('error', reject)
      .end()
  })
}

it('never serves the data folder or .env, and its sources to no other origin', async () => {
  writeFileSync(join(root, '.env'), 'LOG_LEVEL=warn # canary')
  const slipway = start()
  await slipway.prints(READY)
  const keys = readFileSync(join(root, 'private/token-keys'), 'utf8')
  writeFileSync(join(root, 'private/notes.ts'), 'export const note = "canary"')
  symlinkSync(join(root, 'private'), join(root, 'app/link'))
  const folder = join(root, 'private')
  const spellings = [
    '/private/token-keys',
    '/private/token-keys?raw',
    '/private/token-keys?import&url',
    '/private/notes.ts',
    '/PRIVATE/token-keys',
    '//private//token-keys',
    '/app/../private/token-keys',
    '/app/link/token-keys',
    '/%70rivate/token-keys',
    '/%2570rivate/token-keys',
    '/app/%2e%2e%2fprivate%2ftoken-keys',
    `/@fs${folder}/token-keys`,
    `/@fs/${folder}/token-keys?raw`,
    `/@fs${folder}/slipway.db`,
    `/@fs${folder.replace('private', '%70rivate')}/token-keys`,
    `/@fs/@fs${folder}/token-keys`,
    `/@id/${folder}/notes.ts`,
    `/@id/__x00__${folder}/notes.ts`,
    `${folder}/notes.ts`,
    '/.env',
    '/.env?raw',
    '/.env.example',
    '/%2eenv',
    `/@fs${root}/.env`,
  ]
  for (const path of spellings) {
    const { status, body } = await ask(path)
    // What no address should look like is refused before Vite sees it.
    expect([400, 403], path).toContain(status)
    expect(body).not.toContain('canary')
    expect(body).not.toContain(keys.trim())
  }
  expect(await ask('/app/root.tsx')).toMatchObject({ status: 200 })
  expect(await ask('/app/root.tsx', 'm-x-files.localhost')).toMatchObject({ status: 403, allowed: undefined })
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
})

it('starts a program again when its sources change, and gives it all the time it takes to stop', async () => {
  const slow = join(root, 'slow.mjs')
  writeFileSync(
    slow,
    `import { writeFileSync } from 'node:fs'
    const { exit } = process
    if (/worker.index/.test(process.argv[1])) process.once('SIGINT', () => {
      process.exit = (code) => setTimeout(() => { writeFileSync(${JSON.stringify(join(root, 'done'))}, ''); exit(code) }, 6000)
    })`,
  )
  const slipway = start({ NODE_OPTIONS: `--import=${slow}` })
  await slipway.prints(READY)
  const [before] = worker()
  appendFileSync(join(root, 'worker/index.ts'), "\nconsole.log('changed sources run')\n")
  await slipway.prints(/changed sources run/)
  expect(slipway.output()).not.toContain('The web process has changed')
  expect(worker()).toHaveLength(1)
  expect(worker()).not.toEqual([before])
  slipway.signal('SIGINT')
  await expect(slipway.exited).resolves.toBe(0)
  expect(readdirSync(root)).toContain('done')
  expect(processesOf(root)).toEqual([])
})
