import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CivitaiFault, type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { startFilebrowser } from './harness'

const KEY = 'CANARYcivitaikeycivitaikey'
const MODEL = Buffer.alloc(100_000, 'civitai')

let civitai: FakeCivitai
beforeAll(async () => {
  const file = { id: 900, name: 'model.safetensors', content: MODEL, primary: true }
  civitai = await startFakeCivitai({
    keys: [KEY],
    versions: {
      11: { modelId: 1, files: [file] },
      12: {
        modelId: 1,
        modelType: 'LORA',
        files: [
          {
            id: 901,
            name: 'style.safetensors',
            content: 'half',
            format: 'SafeTensor',
            fp: 'fp16',
            primary: true,
          },
          { id: 902, name: 'style.ckpt', content: 'full', format: 'PickleTensor', fp: 'fp32' },
        ],
      },
      13: { modelId: 2, files: [{ ...file, id: 903 }], needsKey: true },
      14: { modelId: 3, files: [{ ...file, id: 904 }], earlyAccess: '2026-12-24T00:00:00.000Z' },
      15: { modelId: 4, files: [{ ...file, id: 905 }], disabled: true },
      16: { modelId: 5, files: [{ ...file, id: 906 }], archived: true },
      17: { modelId: 6, files: [{ ...file, id: 907, name: '../../escape.safetensors', content: 'small' }] },
      18: { modelId: 7, files: [{ ...file, id: 908, unknown: true }] },
    },
  })
  return () => civitai.close()
})
afterEach(() => {
  civitai.misbehave(undefined)
  expect(civitai.authorizationSeen).toEqual([])
})

const start = (key?: string, more: { freeBytes?: () => Promise<number> } = {}) =>
  startFilebrowser({
    env: {
      CIVITAI_ENDPOINT: civitai.url,
      DOWNLOAD_HOSTS: civitai.storage.host,
      ...(key && { CIVITAI_TOKENS: key }),
    },
    ...more,
  })

test('a model that wants a key arrives whole and checked, and the key goes to Civitai alone', async () => {
  const { download, workspace } = await start(KEY)
  const view = await download('https://civitai.com/api/download/models/13?type=Model&token=CANARYpasted')
  expect(view).toMatchObject({
    state: 'done',
    verified: 'sha256',
    size: MODEL.length,
    folder: 'models/checkpoints',
  })
  expect(await readFile(join(workspace, 'models/checkpoints/model.safetensors'))).toEqual(MODEL)
  expect(civitai.requests.at(-1)?.authorization).toBe(`Bearer ${KEY}`)
  expect(JSON.stringify(civitai.requests.map(({ url }) => url))).not.toContain('CANARY')
})

test('a model without a version means its newest; its type says the folder', async () => {
  const { download } = await start()
  for (const path of ['models/1', 'models/1/a-slug'])
    expect(await download(`https://civitai.com/${path}`)).toMatchObject({
      name: 'style.safetensors',
      folder: 'models/loras',
      ...(path === 'models/1' ? { state: 'done' } : { error: { code: 'file_exists' } }),
    })
  expect(await download('https://civitai.com/models/1?modelVersionId=11')).toMatchObject({
    name: 'model.safetensors',
  })
})

test('of several files the address chooses', async () => {
  const { download, workspace } = await start()
  await download('https://civitai.com/api/download/models/12?format=PickleTensor&fp=fp32', 'input')
  expect(await readFile(join(workspace, 'input/style.ckpt'), 'utf8')).toBe('full')
})

test('a name that would lead elsewhere is not taken over', async () => {
  const { download, filesOnDisk } = await start()
  expect(await download('https://civitai.com/model-versions/17', 'input')).toMatchObject({ state: 'done' })
  expect(await filesOnDisk()).toEqual(['input/civitai-17.safetensors'])
})

describe('the reason why not', () => {
  const cases: {
    name: string
    key?: string
    version: number
    query?: string
    fault?: CivitaiFault
    code: string
    says: RegExp
  }[] = [
    {
      name: 'a key is wanted and there is none',
      version: 13,
      code: 'token_missing',
      says: /save one.*relaunch/i,
    },
    {
      name: 'a dead key',
      key: 'CANARYdead',
      version: 13,
      code: 'token_refused',
      says: /doesn’t accept the token/,
    },
    {
      name: 'the sign-in page, no key',
      version: 11,
      fault: 'sign-in-page',
      code: 'token_missing',
      says: /relaunch/,
    },
    {
      name: 'the sign-in page, a key',
      key: KEY,
      version: 11,
      fault: 'sign-in-page',
      code: 'token_refused',
      says: /relaunch/,
    },
    { name: 'Early Access', key: KEY, version: 14, code: 'early_access', says: /until 2026-12-24/ },
    {
      name: 'downloads turned off',
      key: KEY,
      version: 15,
      code: 'creator_disabled',
      says: /turned off downloads/,
    },
    { name: 'archived', version: 16, code: 'archived', says: /archived/ },
    { name: 'no such version', version: 99, code: 'not_found_or_private', says: /no such model/ },
    {
      name: 'no such file of it',
      version: 12,
      query: '?fp=fp8',
      code: 'revision_or_file_missing',
      says: /no such file/,
    },
    { name: 'too many downloads', version: 11, fault: 'rate-limited', code: 'rate_limited', says: /limits/ },
    { name: 'this address is blocked', version: 11, fault: 'blocked', code: 'network', says: /403/ },
    {
      name: 'a page in place of the file',
      version: 11,
      fault: 'html',
      code: 'html_instead_of_file',
      says: /web page/,
    },
    { name: 'other bytes', version: 11, fault: 'wrong-bytes', code: 'hash_mismatch', says: /SHA-256/ },
    { name: 'bytes without end', version: 11, fault: 'endless', code: 'size_mismatch', says: /100000 bytes/ },
    { name: 'a broken connection', version: 11, fault: 'broken-off', code: 'network', says: /broke off/ },
  ]
  for (const { name, key, version, query = '', fault, code, says } of cases)
    test(`${name}: ${code}, and nothing ${fault === 'broken-off' ? 'is lost' : 'stays'} on the disk`, async () => {
      const { download, filesOnDisk, answers, log } = await start(key)
      civitai.misbehave(fault)
      const view = await download(`https://civitai.com/api/download/models/${version}${query}`)
      expect(view).toMatchObject({ state: 'failed', error: { code, message: expect.stringMatching(says) } })
      if (fault !== 'broken-off') expect(await filesOnDisk()).toEqual([])
      expect(answers.join('\n')).not.toMatch(/CANARY|signature=/)
      expect(log).toEqual([])
    })
})

test('a file of which nothing is known may at most fill the free space', async () => {
  civitai.misbehave('endless')
  const { download, filesOnDisk } = await start(undefined, { freeBytes: async () => 1_000_000 })
  expect(await download('https://civitai.com/model-versions/18')).toMatchObject({
    error: { code: 'disk_full' },
  })
  expect(await filesOnDisk()).toEqual([])
})
