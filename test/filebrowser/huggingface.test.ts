import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { startFilebrowser } from './harness'

const GOOD = 'hf_CANARYgoodgoodgoodgood'
const MODEL = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))

let hub: FakeHub
beforeAll(async () => {
  hub = await startFakeHub({
    tokens: [GOOD],
    repos: {
      'open/model': {
        files: { 'model.safetensors': MODEL, 'loras/style.safetensors': 'style', '模型 #1.bin': 'odd' },
      },
      'open/small': { files: { 'config.json': '{"a":1}' }, plain: true },
      'gated/model': { files: { 'model.safetensors': MODEL }, gated: true, allowed: [GOOD] },
      'datasets/open/data': { files: { 'data.parquet': 'data' } },
    },
  })
  return () => hub.close()
})
afterEach(() => {
  hub.misbehave(undefined)
  expect(hub.authorizationSeen).toEqual([])
})

const start = (token?: string, more: { freeBytes?: () => Promise<number> } = {}) =>
  startFilebrowser({
    env: {
      HF_ENDPOINT: hub.url,
      DOWNLOAD_HOSTS: hub.storage.host,
      ...(token && { HUGGINGFACE_TOKENS: token }),
    },
    ...more,
  })
const fileUrl = (repo: string, path = 'model.safetensors', revision = 'main') =>
  `https://huggingface.co/${repo}/blob/${revision}/${path}`

test('a gated file arrives whole and checked, and the token goes to the Hub alone', async () => {
  const { download, workspace, filesOnDisk } = await start(GOOD)
  const before = hub.storage.requests.length
  const view = await download(fileUrl('gated/model'), 'models/loras')
  expect(view).toMatchObject({
    state: 'done',
    verified: 'sha256',
    received: MODEL.length,
    size: MODEL.length,
    error: null,
  })
  expect(await filesOnDisk()).toEqual(['models/loras/model.safetensors'])
  expect(await readFile(join(workspace, 'models/loras/model.safetensors'))).toEqual(MODEL)
  expect(hub.storage.requests.length).toBe(before + 1)
  expect(hub.requests.at(-1)?.authorization).toBe(`Bearer ${GOOD}`)
  expect(hub.requests.every(({ url }) => !url.includes('CANARY'))).toBe(true)
  expect(hub.storage.requests.at(-1)?.headers['user-agent']).toMatch(/^slipway-filebrowser\//)
})

test('small files, datasets, odd names and other revisions arrive as well', async () => {
  const { download, filesOnDisk } = await start()
  expect(await download(fileUrl('open/small', 'config.json'), 'input')).toMatchObject({
    state: 'done',
    verified: 'size',
  })
  expect(await download(fileUrl('datasets/open/data', 'data.parquet'), 'input')).toMatchObject({
    state: 'done',
  })
  expect(await download(fileUrl('open/model', encodeURIComponent('模型 #1.bin')), 'input')).toMatchObject({
    state: 'done',
  })
  expect(await download(fileUrl('open/model', 'model.safetensors', 'refs%2Fpr%2F1'))).toMatchObject({
    state: 'done',
  })
  expect(await filesOnDisk()).toEqual([
    'input/config.json',
    'input/data.parquet',
    'input/模型 #1.bin',
    'models/checkpoints/model.safetensors',
  ])
})

test('without a target the file goes where its path says', async () => {
  const { download } = await start()
  expect(await download(fileUrl('open/model', 'loras/style.safetensors'))).toMatchObject({
    folder: 'models/loras',
  })
})

test('an address that can’t be used is refused at once', async () => {
  const { call } = await start()
  const refusal = async (url: string, folder?: string) =>
    (await call('POST', 'downloads', { source: url, folder })).json.error.code
  expect(await refusal('https://evil.example/a/b/resolve/main/x')).toBe('host_not_allowed')
  expect(await refusal('https://huggingface.co/none/such')).toBe('not_found_or_private')
  expect(await refusal(fileUrl('open/model'), 'nowhere')).toBe('not_found')
  expect(await refusal(fileUrl('open/model'), '../outside')).toBe('bad_path')
  expect((await call('GET', 'downloads')).json).toEqual([])
})

test('what is there already is not overwritten, and no byte of it is fetched', async () => {
  const { download, workspace } = await start()
  await writeFile(join(workspace, 'input/model.safetensors'), 'mine')
  const before = hub.storage.requests.length
  expect(await download(fileUrl('open/model'), 'input')).toMatchObject({ error: { code: 'file_exists' } })
  expect(await readFile(join(workspace, 'input/model.safetensors'), 'utf8')).toBe('mine')
  expect(hub.storage.requests.length).toBe(before)
})

test('a file larger than the free space is refused before its first byte', async () => {
  const before = hub.storage.requests.length
  const { download, filesOnDisk } = await start(undefined, { freeBytes: async () => MODEL.length - 1 })
  expect(await download(fileUrl('open/model'))).toMatchObject({ error: { code: 'disk_full' } })
  expect(hub.storage.requests.length).toBe(before)
  expect(await filesOnDisk()).toEqual([])
})

test('a download shows how far it is; canceling it removes what it wrote', async () => {
  const { call, queue, until, filesOnDisk } = await start()
  hub.misbehave('stall')
  const json = await queue(fileUrl('open/model'), 'input')
  const half = await until(json.id, ({ received }) => received === MODEL.length / 2)
  expect(half).toMatchObject({ state: 'downloading', size: MODEL.length, finishedAt: null })

  expect((await call('DELETE', 'files?path=input')).json.error.code).toBe('busy')
  expect((await call('PUT', 'file?path=input/model.safetensors', 'x')).json.error.code).toBe('busy')

  expect((await call('DELETE', `downloads/${json.id}`)).status).toBe(204)
  expect(await filesOnDisk()).toEqual([])
  expect((await call('GET', 'downloads')).json).toMatchObject([{ state: 'canceled', error: null }])
  expect((await call('DELETE', `downloads/${json.id}`)).status).toBe(204)
  expect((await call('GET', 'downloads')).json).toEqual([])
  expect((await call('DELETE', `downloads/${json.id}`)).status).toBe(404)
})

test('a download that failed can be started again and then works', async () => {
  const { download, workspace } = await start()
  hub.misbehave('broken-off')
  expect(await download(fileUrl('open/model'), 'input')).toMatchObject({ state: 'failed' })
  hub.misbehave(undefined)
  expect(await download(fileUrl('open/model'), 'input')).toMatchObject({ state: 'done' })
  const bytes = await readFile(join(workspace, 'input/model.safetensors'))
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(
    createHash('sha256').update(MODEL).digest('hex'),
  )
})

test('the session tells which tokens it holds, and of each the visible part alone', async () => {
  const { call, answers } = await start(GOOD)
  expect((await call('GET', 'session')).json.tokens).toEqual([
    {
      provider: 'huggingface',
      label: 'Hugging Face',
      masked: `hf_CAN${'•'.repeat(16)}`,
      since: expect.any(String),
    },
    { provider: 'civitai', label: 'Civitai', masked: null, since: null },
  ])
  expect(answers.join('')).not.toContain('CANARY')
})
