import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/hub'

const TOKEN = 'hf_CANARYprocessprocess'
const DEAD_KEY = 'dead_key_CANARYprocess'
const BIG = randomBytes(6_000_000)
const root = fileURLToPath(new URL('../..', import.meta.url))

let bundle: string
let hub: FakeHub
beforeAll(async () => {
  // Below node_modules, so that the bundle finds the packages that it leaves out.
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'filebrowser-'))
  bundle = join(folder, 'index.js')
  await build({
    entryPoints: [join(root, 'filebrowser/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: bundle,
  })
  hub = await startFakeHub({
    tokens: [TOKEN],
    repos: {
      'gated/model': {
        files: { 'a.bin': 'a', 'b.bin': 'bb', 'big.bin': BIG },
        gated: true,
        allowed: [TOKEN],
      },
    },
  })
  return async () => {
    await hub.close()
    await rm(folder, { recursive: true })
  }
})

async function startProcess(env: Record<string, string>, given?: string) {
  const workspace = given ?? (await mkdtemp(join(tmpdir(), 'filebrowser-')))
  const child = spawn(process.execPath, [bundle], {
    env: { NODE_ENV: 'test', PORT: '0', WORKSPACE: workspace, ...env },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(workspace, { recursive: true, force: true })
  })
  return { child, output, ended, workspace }
}

test('the program downloads with its token, never shows it, and ends cleanly in the middle of a download', async () => {
  const { child, output, ended, workspace } = await startProcess({
    HF_TOKEN: TOKEN,
    CIVITAI_TOKENS: DEAD_KEY,
    HF_ENDPOINT: hub.url,
    CIVITAI_ENDPOINT: hub.url,
    DOWNLOAD_HOSTS: hub.storage.host,
  })
  await expect
    .poll(() => output.stdout, { timeout: 20_000 })
    .toMatch(/^Filebrowser is listening on http:\/\/127\.0\.0\.1:\d+\n$/)
  const origin = output.stdout.trim().split(' ').at(-1) as string
  const answers: string[] = []
  const ask = async (path: string, body?: unknown) => {
    const headers = { origin, 'content-type': 'application/json' }
    const post = { method: 'POST', headers, body: JSON.stringify(body) }
    const text = await (await fetch(origin + path, body ? post : {})).text()
    answers.push(text)
    return JSON.parse(text)
  }
  const firstState = async () => (await ask('/api/downloads'))[0].state

  expect(await ask('/healthz')).toEqual({ ok: true })
  await ask('/api/downloads', { source: `${hub.url}/gated/model/blob/main/a.bin`, folder: 'input' })
  await expect.poll(firstState).toBe('done')
  expect(await readFile(join(workspace, 'input/a.bin'), 'utf8')).toBe('a')
  await ask('/api/downloads', { source: 'https://civitai.com/model-versions/1' })
  await expect.poll(firstState).toBe('failed')
  await ask('/api/session')

  hub.misbehave('stall')
  await ask('/api/downloads', { source: `${hub.url}/gated/model/blob/main/b.bin`, folder: 'input' })
  await expect.poll(firstState).toBe('downloading')
  const commandLine = await readFile(`/proc/${child.pid}/cmdline`, 'utf8')
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(await readdir(join(workspace, 'input'))).not.toContain('b.bin')
  // The next process gets to know it from here, and no token with it.
  const records = await readdir(join(workspace, '.slipway/downloads'))
  for (const name of records)
    answers.push(await readFile(join(workspace, '.slipway/downloads', name), 'utf8'))
  expect(answers.some((text) => text.includes('"state":"downloading"'))).toBe(true)

  expect(hub.authorizationSeen).toEqual([])
  expect(output.stderr).toBe('')
  expect(output.stdout.split('\n')).toHaveLength(2)
  expect([...answers, commandLine, output.stdout].join('\n')).not.toContain('CANARY')
})

test('a faulty setting ends the program with the list of what to change', async () => {
  const { output, ended } = await startProcess({ WORKSPACE: 'relative', PORT: 'x', HF_TOKEN: TOKEN })
  expect(await ended).toBe(1)
  expect(output.stderr).toMatch(/PORT must be a port number\n.*WORKSPACE must be an absolute path/)
  expect(output.stderr).not.toContain('CANARY')
})

test('killed in the middle of anything, the next process knows every download and finishes what was begun', async () => {
  const env = {
    HF_TOKEN: TOKEN,
    HF_ENDPOINT: hub.url,
    DOWNLOAD_HOSTS: hub.storage.host,
    DOWNLOADS_AT_ONCE: '1',
  }
  const life = async (workspace?: string) => {
    const run = await startProcess(env, workspace)
    await expect.poll(() => run.output.stdout, { timeout: 20_000 }).toMatch(/listening on/)
    const origin = run.output.stdout.trim().split(' ').at(-1) as string
    const headers = { origin, 'content-type': 'application/json' }
    const post = async (path: string, body: unknown) =>
      (await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
    const states = async () => {
      const views: { state: string }[] = await (await fetch(`${origin}/api/downloads`)).json()
      return views.map(({ state }) => state).reverse()
    }
    const kill = async () => {
      run.child.kill('SIGKILL')
      await run.ended
    }
    return { ...run, post, states, kill }
  }
  const file = (name: string) => ({
    source: `${hub.url}/gated/model/resolve/main/${name}.bin`,
    folder: 'input',
  })
  hub.misbehave('stall')
  const first = await life()
  const { downloads } = await first.post('/api/downloads', { files: ['big', 'a', 'b'].map(file) })
  await first.post('/api/downloads/actions', { action: 'pause', ids: [downloads[2].id] })
  await expect.poll(first.states).toEqual(['downloading', 'queued', 'paused'])
  await first.kill()

  const second = await life(first.workspace)
  await expect.poll(second.states).toEqual(['downloading', 'queued', 'paused'])
  await second.post('/api/downloads/actions', { action: 'cancel', ids: [downloads[1].id] })
  await second.kill()

  hub.misbehave(undefined)
  const third = await life(first.workspace)
  await expect.poll(third.states, { timeout: 15_000 }).toEqual(['done', 'canceled', 'paused'])
  expect(BIG.equals(await readFile(join(first.workspace, 'input/big.bin')))).toBe(true)
  expect((await readdir(join(first.workspace, 'input'))).sort()).toEqual(['big.bin'])
})
