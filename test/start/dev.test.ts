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
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { freePort, launch, processesOf } from './launcher'

const SOURCES = ['app', 'db', 'filebrowser', 'providers', 'public', 'scripts', 'worker']
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
  for (const { pid } of processesOf(root)) process.kill(pid, 'SIGKILL')
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

const start = (settings: Record<string, string> = {}) =>
  launch({ DATA_DIR: join(root, 'private'), PORT: String(port), ...settings }, ['--dev'], root)
const worker = () => processesOf(root).filter(({ command }) => command.includes('worker/index'))

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
