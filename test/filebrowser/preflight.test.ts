import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { PlannedFile } from '~/filebrowser/contract'
import { type CivitaiFault, type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { until } from '../support/until'
import { startFilebrowser } from './harness'

const TOKEN = 'hf_CANARYgoodgoodgoodgood'
const STRANGER = 'hf_CANARYstrangerstranger'
const FINE = 'hf_CANARYfinegrained'
const DEAD = 'hf_CANARYdeaddeaddead'
const KEY = 'CANARYcivitaikey'
const MODEL = Buffer.alloc(50_000, 'model')

let hub: FakeHub
let civitai: FakeCivitai
beforeAll(async () => {
  const files = { 'model.safetensors': MODEL, 'README.md': '#', 'vae/ae.safetensors': 'ae' }
  hub = await startFakeHub({
    tokens: [TOKEN, STRANGER, FINE],
    withoutGatedRead: [FINE],
    repos: {
      'open/model': { files },
      'open/pipe': {
        files: { 'model_index.json': '{}', 'unet/x.safetensors': 'u', 'vae/x.safetensors': 'v' },
      },
      'gated/model': { files, gated: true, allowed: [TOKEN, FINE] },
    },
  })
  const file = { id: 1, name: 'model.safetensors', content: MODEL, primary: true }
  const pickle = { id: 20, name: 'lora.pt', content: 'pickle', format: 'PickleTensor', primary: true }
  civitai = await startFakeCivitai({
    keys: [KEY],
    models: { 7: { allowCommercialUse: ['Image'], allowNoCredit: false } },
    versions: {
      71: {
        modelId: 7,
        modelType: 'LORA',
        modelName: 'Style',
        name: 'v1',
        baseModel: 'SDXL 1.0',
        files: [
          pickle,
          {
            id: 21,
            name: 'lora.safetensors',
            content: 'safe',
            format: 'SafeTensor',
            fp: 'fp16',
            lostBy: 'fileId',
          },
          { id: 22, name: 'train.zip', content: 'zip', type: 'Training Data' },
          { id: 23, name: 'bad.safetensors', content: 'bad', format: 'SafeTensor', virusScan: 'Danger' },
          { id: 24, name: 'new.safetensors', content: 'new', format: 'SafeTensor', pickleScan: 'Pending' },
        ],
      },
      72: { modelId: 8, files: [file], needsKey: true },
      73: { modelId: 9, files: [file], earlyAccess: '2026-12-24T00:00:00.000Z' },
      74: { modelId: 10, files: [file], disabled: true },
      75: { modelId: 11, files: [file], archived: true },
      76: { modelId: 12, files: [file], usageControl: 'Generation' },
      77: { modelId: 13, files: [file] },
    },
  })
  return () => Promise.all([hub.close(), civitai.close()])
})
afterEach(() => {
  for (const fake of [hub, civitai]) {
    fake.misbehave(undefined)
    expect(fake.authorizationSeen).toEqual([])
  }
})

async function start(tokens: { hub?: string; civitai?: string } = {}, freeBytes?: () => Promise<number>) {
  const browser = await startFilebrowser({
    freeBytes,
    env: {
      HF_ENDPOINT: hub.url,
      CIVITAI_ENDPOINT: civitai.url,
      DOWNLOAD_HOSTS: [hub.storage.host, civitai.storage.host].join(','),
      ...(tokens.hub && { HF_TOKEN: tokens.hub }),
      ...(tokens.civitai && { CIVITAI_TOKEN: tokens.civitai }),
    },
  })
  const ask = async (body: object) => {
    const { json } = await browser.call('POST', 'preflight', body)
    expect(browser.answers.join()).not.toMatch(/CANARY|signature=/)
    return json
  }
  const put = async (path: string, content: string | Buffer) => {
    await mkdir(join(browser.workspace, path, '..'), { recursive: true })
    await writeFile(join(browser.workspace, path), content)
  }
  return { ...browser, ask, put, source: (source: string) => ask({ source }) }
}
const chosen = (files: PlannedFile[]) => files.filter((file) => file.chosen).map(({ name }) => name)

test('a Civitai version: the safe file of several chosen, each told from its neighbours, in its folder', async () => {
  const { source, download, workspace } = await start()
  const view = await source('urn:air:sdxl:lora:civitai:7@71')
  expect(view).toMatchObject({ title: 'Style – v1', provider: 'civitai', gate: 'open', error: null })
  expect(view.licence).toBe('Commercial use: selling images. Credit the creator')
  expect(chosen(view.files)).toEqual(['lora.safetensors'])
  const [pickle, safe, , dangerous] = view.files as PlannedFile[]
  expect(pickle).toMatchObject({ pickle: true, folder: 'models/loras' })
  expect(safe).toMatchObject({ pickle: false, detail: 'Model, SafeTensor, fp16, SDXL 1.0', size: 4 })
  expect(safe?.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(dangerous?.error).toMatchObject({ code: 'unsafe_file', link: { href: expect.any(String) } })
  expect(view.notices).toEqual([expect.stringMatching(/new\.safetensors.*not cleared it \(Pending\)/)])
  expect(await download(safe?.source ?? '')).toMatchObject({ state: 'done', verified: 'sha256' })
  expect(await readFile(join(workspace, 'models/loras/lora.safetensors'), 'utf8')).toBe('safe')
})

test('a repository: what a program loads is chosen, each file in the folder of its kind', async () => {
  const { source } = await start()
  const view = await source('open/model')
  expect(chosen(view.files).sort()).toEqual(['ae.safetensors', 'model.safetensors'])
  const folders = Object.fromEntries(view.files.map(({ name, folder }: PlannedFile) => [name, folder]))
  expect(folders).toMatchObject({ 'ae.safetensors': 'models/vae', 'model.safetensors': 'models/checkpoints' })
})

test('files that are only of use together keep their folders', async () => {
  const { source } = await start()
  const { files } = await source('open/pipe')
  expect(new Set(files.map(({ folder, name }: PlannedFile) => `${folder}/${name}`))).toEqual(
    new Set(
      ['model_index.json', 'unet/x.safetensors', 'vae/x.safetensors'].map(
        (x) => `models/diffusers/pipe/${x}`,
      ),
    ),
  )
})

test('what is here already, wherever, is not chosen; another file of that name is named', async () => {
  const { source, put } = await start()
  await put('models/loras/renamed.safetensors', MODEL)
  await put('models/vae/ae.safetensors', 'another')
  const { files } = await source('open/model')
  const present = Object.fromEntries(files.map(({ name, present }: PlannedFile) => [name, present]))
  expect(present['model.safetensors']).toEqual({ path: 'models/loras/renamed.safetensors', same: true })
  expect(present['ae.safetensors']).toEqual({ path: 'models/vae/ae.safetensors', same: false })
  expect(chosen(files)).toEqual(['ae.safetensors'])
})

test('a script that posts a repository gets every file of it that is missing', async () => {
  const { call, until: untilDownload, filesOnDisk } = await start()
  const posted = await call('POST', 'downloads', { source: 'open/pipe', folder: 'diffusers/mine' })
  expect(posted.status).toBe(202)
  for (const { id } of posted.json.downloads) await untilDownload(id, ({ finishedAt }) => finishedAt !== null)
  expect((await filesOnDisk()).filter((path) => path.startsWith('models/'))).toEqual(
    ['model_index.json', 'unet/x.safetensors', 'vae/x.safetensors'].map((x) => `models/diffusers/mine/${x}`),
  )
  const again = await call('POST', 'downloads', { source: 'open/pipe', folder: 'diffusers/mine' })
  expect(again.json).toMatchObject({ error: { code: 'file_exists' } })
})

test('a dead token doesn’t stand in the way of what is public, and that is said', async () => {
  const { source } = await start({ hub: DEAD, civitai: 'CANARYdead' })
  for (const pasted of ['open/model', 'civitai:13@77']) {
    const view = await source(pasted)
    expect(view).toMatchObject({ error: null, gate: 'open' })
    expect(view.notices).toEqual([
      expect.stringMatching(/doesn’t accept the token of this session.*relaunch/),
    ])
  }
  expect(await source('civitai:8@72')).toMatchObject({ error: { code: 'token_refused' } })
})

test('several addresses at once; one that can’t be had doesn’t hide the others', async () => {
  const { source } = await start()
  const view = await source('civitai:13@77 open/model\n\nhttps://evil.example/x.bin')
  expect(view).toMatchObject({ title: '3 sources', error: null })
  expect(chosen(view.files)).toHaveLength(3)
  expect(view.files.at(-1)).toMatchObject({ source: null, error: { code: 'host_not_allowed' } })
})

test('a workflow: what is here, what is missing and from where, and what nobody knows', async () => {
  const { ask, put } = await start()
  const text = await readFile(join(import.meta.dirname, 'workflows/editor.json'), 'utf8')
  await put('models/clip/clip_l.safetensors', 'here under the former name')
  await put('models/loras/sub/style.safetensors', 'here')
  const view = await ask({ workflow: JSON.parse(text.replace('URL', hub.url)), name: 'my.json' })
  expect(view).toMatchObject({ title: 'my.json', error: null, complete: true })
  const files = new Map<string, PlannedFile>(view.files.map((file: PlannedFile) => [file.name, file]))
  expect(files.get('clip_l.safetensors')?.present).toEqual({
    path: 'models/clip/clip_l.safetensors',
    same: true,
  })
  expect(files.get('style.safetensors')?.present?.path).toBe('models/loras/sub/style.safetensors')
  expect(chosen(view.files)).toEqual(['base.safetensors'])
  expect(files.get('base.safetensors')).toMatchObject({
    folder: 'models/checkpoints/sdxl',
    size: MODEL.length,
  })
  expect(files.get('t5xxl_fp16.safetensors')).toMatchObject({
    source: null,
    error: { link: expect.anything() },
  })
  expect(files.get('flux.safetensors')?.error?.code).toBe('host_not_allowed')
})

test('a question that nobody waits for any more is given up, and is no fault', async () => {
  const { origin, log, source } = await start()
  civitai.misbehaveApi('silent')
  const gone = new AbortController()
  const headers = { origin, 'content-type': 'application/json' }
  const body = JSON.stringify({ source: 'civitai:13@77' })
  const before = civitai.requests.length
  const asked = fetch(`${origin}/api/preflight`, { method: 'POST', headers, body, signal: gone.signal })
  await until('Civitai is asked', () => civitai.requests.length > before)
  gone.abort()
  await expect(asked).rejects.toThrow(/abort/)
  civitai.misbehaveApi(undefined)
  expect(await source('civitai:13@77')).toMatchObject({ error: null })
  expect(log).toEqual([])
})

test('what is no workflow, and what is too large, is refused as a whole', async () => {
  const { call } = await start()
  expect((await call('POST', 'preflight', { workflow: { a: 1 } })).json.error.message).toMatch(/Save one/)
  expect((await call('POST', 'preflight', {})).status).toBe(400)
  const large = await call('POST', 'preflight', { workflow: 'x'.repeat(17 * 1024 * 1024) })
  expect(large.json.error.code).toBe('bad_request')
})

describe('each reason has one sentence and one link', () => {
  type Tokens = { hub?: string; civitai?: string }
  const cases: [string, string, Tokens?, CivitaiFault?][] = [
    ['gated/model', 'token_missing'],
    ['gated/model', 'terms_not_accepted', { hub: STRANGER }],
    ['gated/model', 'token_lacks_gated_read', { hub: FINE }],
    ['gated/model', 'token_refused', { hub: DEAD }],
    ['none/such', 'not_found_or_private'],
    ['open/model@v9', 'revision_or_file_missing'],
    ['hf://open/model/none.bin', 'revision_or_file_missing'],
    ['civitai:8@72', 'token_missing'],
    ['civitai:8@72', 'token_refused', { civitai: 'CANARYdead' }],
    ['civitai:9@73', 'early_access'],
    ['civitai:10@74', 'creator_disabled'],
    ['civitai:12@76', 'creator_disabled'],
    ['civitai:11@75', 'archived'],
    ['civitai:99@99', 'not_found_or_private'],
    ['civitai:7@71+999', 'revision_or_file_missing'],
    ['civitai:13@77', 'rate_limited', {}, 'rate-limited'],
    ['civitai:13@77', 'token_missing', {}, 'sign-in-page'],
    ['civitai:13@77', 'network', {}, 'blocked'],
    ['civitai:13@77', 'html_instead_of_file', {}, 'html'],
    ['https://evil.example/x.bin', 'host_not_allowed'],
    ['nothing at all!', 'bad_url'],
  ]
  test.each(cases)('%s: %s', async (pasted, code, tokens, fault) => {
    civitai.misbehave(fault)
    const { source, log } = await start(tokens)
    const view = await source(pasted)
    expect(view.error).toMatchObject({ code, link: { href: expect.stringMatching(/^(http|#\/)/) } })
    expect(view.error.message).toMatch(/[.!?]$/)
    expect(chosen(view.files.filter(({ error }: PlannedFile) => !error))).toEqual([])
    expect(log).toEqual([])
  })

  test('too little room: disk_full', async () => {
    const { source } = await start({}, async () => 1000)
    expect(await source('civitai:13@77')).toMatchObject({
      error: { code: 'disk_full', link: { href: '#/files' } },
      space: { free: 1000 },
    })
  })

  test('until when a limit lasts is said', async () => {
    civitai.misbehave('rate-limited')
    const { source } = await start()
    expect((await source('civitai:13@77')).error.message).toMatch(/in 60 min, after \d{4}-\d\d-\d\d/)
  })
})
