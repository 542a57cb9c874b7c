import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { offerHub } from '~/providers/models/hub-offer'
import { readHubSource } from '~/providers/models/hub-source'
import { huggingface } from '~/providers/models/huggingface'
import type { HubFile } from '~/providers/models/source'
import { SESSION_VOICE } from '~/providers/models/voice'
import type { Refusal } from '~/providers/refusal'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { COMMIT } from '../fakes/hub-content'
import { testIssuers } from './issuers'

const GOOD = 'hf_CANARYgoodgoodgoodgood'
const STRANGER = 'hf_CANARYstrangerstranger'
const FINE = 'hf_CANARYfinefinefinefine'
const DEAD = 'hf_CANARYdeaddeaddeaddead'

let hub: FakeHub
beforeAll(async () => {
  const files = { 'model.safetensors': 'model', 'vae/ae.safetensors': 'vae', 'README.md': '# A model' }
  const gated = { files, gated: true, allowed: [GOOD, FINE] }
  hub = await startFakeHub({
    tokens: [GOOD, STRANGER, FINE],
    withoutGatedRead: [FINE],
    repos: {
      'open/model': { files, licence: 'apache-2.0' },
      'gated/model': gated,
      'gated/hidden': { ...gated, hidesList: true },
      'private/model': { files, private: true, allowed: [GOOD] },
      'down/model': { files, disabled: true },
      'empty/model': { files: {} },
      'evil/model': { files: { '../x.bin': 'x', 'a/..': 'x', 'a\u0000b': 'x', 'good.bin': 'x' } },
      'large/model': { files: { 'a.safetensors': { content: 'a', size: 60e9, xet: true } } },
    },
    pageSize: 2,
  })
  return () => hub.close()
})
afterEach(() => {
  hub.misbehave(undefined)
  hub.misbehaveApi(undefined)
  hub.misbehaveTree(undefined)
})

function asking(token?: string) {
  const { settings, network } = testIssuers({ huggingface: hub.url, downloadHosts: hub.hosts })
  const context = { network, token, voice: SESSION_VOICE, signal: new AbortController().signal }
  const read = (text: string) => readHubSource(text, settings) as HubFile
  return { read, context }
}
function offer(text: string, token?: string) {
  const { read, context } = asking(token)
  return offerHub(read(text), context)
}
const refusalOf = (text: string, token?: string): Promise<Refusal> =>
  offer(text, token).then(
    () => expect.fail('it was offered'),
    (error) => error,
  )
const address = (path: string, repo = 'open/model') =>
  `https://huggingface.co/${repo}/resolve/${COMMIT}/${path}`

test('a repository is laid open, pinned to its commit, with all its files and its licence', async () => {
  expect(await offer('open/model')).toMatchObject({
    title: 'open/model',
    page: `${hub.url}/open/model`,
    licence: 'apache-2.0',
    gate: 'open',
    complete: true,
    files: [
      { address: address('model.safetensors'), name: 'model.safetensors', size: 5, chosen: true },
      { address: address('vae/ae.safetensors'), detail: 'vae/ae.safetensors', size: 3, chosen: true },
      { address: address('README.md'), chosen: false },
    ],
  })
})

test('a folder and a file are laid open alike, and a path that doesn’t say which it is', async () => {
  const vae = [{ address: address('vae/ae.safetensors'), size: 3, chosen: true }]
  for (const text of [
    'hf.co/open/model/tree/main/vae',
    'hf://open/model/vae/ae.safetensors',
    'open/model/vae',
  ])
    expect(await offer(text)).toMatchObject({ files: vae, complete: true })
  expect(await offer('hf.co/open/model/blob/main/vae')).toMatchObject({ files: vae })
  expect(await offer('hf.co/open/model/tree/main/vae/ae.safetensors')).toMatchObject({ files: vae })
})

test('a command’s patterns choose, and the rest can still be chosen', async () => {
  const { files } = await offer('hf download open/model --include "*.md" "vae/*" --exclude "*.bin"')
  expect(files.map(({ chosen }) => chosen)).toEqual([false, true, true])
  expect(await refusalOf('hf download open/model --include "*.gguf"')).toMatchObject({
    code: 'revision_or_file_missing',
    message: expect.stringContaining('“*.gguf”'),
  })
})

test('what a command names and isn’t there is told, each by its name', async () => {
  const { files, missing } = await offer('hf download open/model README.md none[1].bin "*.gguf"')
  expect(files.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual(['README.md'])
  expect(missing?.map(({ name, refusal }) => [name, refusal.code])).toEqual([
    ['none[1].bin', 'revision_or_file_missing'],
    ['*.gguf', 'revision_or_file_missing'],
  ])
  expect(await refusalOf('empty/model')).toMatchObject({
    code: 'revision_or_file_missing',
    message: expect.stringContaining('nothing there'),
  })
})

describe('a gate is tested truly', () => {
  test.each([
    ['no token', undefined, 'closed', 'token_missing'],
    ['terms that were not accepted', STRANGER, 'closed', 'terms_not_accepted'],
    ['a token without gated read', FINE, 'closed', 'token_lacks_gated_read'],
    ['a token that opens it', GOOD, 'accepted', undefined],
  ] as const)('%s', async (_, token, gate, code) => {
    for (const text of ['gated/model', 'hf://gated/model/model.safetensors']) {
      const offered = await offer(text, token)
      expect([
        offered.gate,
        offered.refusal?.code,
        ...offered.files.map(({ refusal }) => refusal?.code),
      ]).toEqual([gate, code, ...offered.files.map(() => code)])
      expect(offered.files.length).toBeGreaterThan(0)
    }
    if (code) expect(await refusalOf('gated/hidden', token)).toMatchObject({ code })
  })
})

test.each([
  ['a dead token', 'open/model', DEAD, 'token_refused'],
  ['a private repository', 'private/model', STRANGER, 'not_found_or_private'],
  ['no such repository', 'none/model', undefined, 'not_found_or_private'],
  ['no such revision', 'open/model@v9', undefined, 'revision_or_file_missing'],
  ['no such file', 'hf://open/model/none.bin', undefined, 'revision_or_file_missing'],
  ['no such folder', 'open/model/none', undefined, 'revision_or_file_missing'],
  ['a repository that was taken down', 'down/model', GOOD, 'archived'],
])('%s: the reason why not, with a page', async (_, text, token, code) => {
  expect(await refusalOf(text, token)).toMatchObject({ code, link: { href: expect.stringMatching(/^http/) } })
})

test.each([
  [{ status: 429, headers: { RateLimit: '"api";r=0;t=115' } }, 'rate_limited', /in 2 min, after 20.* UTC/],
  [{ status: 503 }, 'network', /503/],
  [{ status: 200, body: '<html>' }, 'network', /makes no sense/],
  [{ status: 200, body: '{"sha":"../x"}' }, 'network', /makes no sense/],
  [
    { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>' },
    'html_instead_of_file',
    /web page/,
  ],
  ['broken-off', 'network', /broke off/],
] as const)('an API that answers %j is told as it is, with a page', async (fault, code, says) => {
  hub.misbehaveApi(fault)
  const refusal = await refusalOf('open/model', GOOD)
  expect(refusal).toMatchObject({
    code,
    message: expect.stringMatching(says),
    link: { href: `${hub.url}/open/model` },
  })
  expect(refusal.retryAfterSeconds).toBe(code === 'rate_limited' ? 116 : undefined)
})

test('lists without end are cut off, and no page of another host is asked', async () => {
  hub.misbehaveTree('endless-pages')
  const before = hub.requests.length
  expect(await offer('empty/model')).toMatchObject({ files: [], complete: false })
  expect(hub.requests.length - before).toBeLessThan(100)
  hub.misbehaveTree('foreign-page')
  expect((await offer('open/model', GOOD)).files.length).toBe(3)
})

test('more files than anybody can look through are said to be incomplete', async () => {
  const names = Array.from({ length: 5001 }, (_, index) => [`${index}.bin`, { content: 'x', plain: true }])
  const many = await startFakeHub({ repos: { 'many/files': { files: Object.fromEntries(names) } } })
  try {
    const { settings, network } = testIssuers({ huggingface: many.url })
    const context = { network, token: undefined, voice: SESSION_VOICE, signal: new AbortController().signal }
    const offered = await offerHub(readHubSource('many/files', settings) as HubFile, context)
    expect([offered.files.length, offered.complete]).toEqual([5000, false])
  } finally {
    await many.close()
  }
})

test('a repository whose files fill megabytes is laid open without the list that nobody asked for', async () => {
  const names = Array.from({ length: 20_000 }, (_, index) => [`${'long/'.repeat(50)}${index}.bin`, 'x'])
  const long = await startFakeHub({ repos: { 'long/names': { files: Object.fromEntries(names) } } })
  try {
    const { settings, network } = testIssuers({ huggingface: long.url })
    const context = { network, token: undefined, voice: SESSION_VOICE, signal: new AbortController().signal }
    const source = readHubSource('hf://long/names/none.bin', settings) as HubFile
    await expect(offerHub(source, context)).rejects.toMatchObject({ code: 'revision_or_file_missing' })
  } finally {
    await long.close()
  }
})

test('names that lead elsewhere are left out', async () => {
  expect((await offer('evil/model')).files.map(({ name }) => name)).toEqual(['good.bin'])
})

test('a file is pinned to its commit, and one that is too large for its plain address is left to Xet', async () => {
  const { read, context } = asking()
  const small = await huggingface.inspect(read('hf://open/model/model.safetensors'), context)
  expect(small.url).toBe(`${hub.url}/open/model/resolve/${COMMIT}/model.safetensors`)
  expect([small.version, small.xet]).toEqual([small.sha256, undefined])
  const large = await huggingface.inspect(read('hf://large/model/a.safetensors'), context)
  expect(large).toMatchObject({ size: 60e9, xet: { repo: 'large/model', revision: COMMIT } })
})
