import { afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { askForModel, type ModelAccess } from '~/providers/model-access'
import { parseModelQuestion } from '~/providers/models/question'
import type { GatedRead } from '~/providers/token-check'
import type { ApiFault } from '../fakes/api-answers'
import { type CivitaiFault, type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { testIssuers } from './issuers'

const GOOD = 'hf_CANARYgoodgoodgood'
const STRANGER = 'hf_CANARYstranger'
const FINE = 'hf_CANARYfinegrained'
const DEAD = 'hf_CANARYdead'
const KEY = 'CANARYcivitaikey'
const MODEL = Buffer.alloc(70_000, 'model')

let hub: FakeHub
let civitai: FakeCivitai
beforeAll(async () => {
  const files = { 'model.safetensors': MODEL }
  hub = await startFakeHub({
    tokens: [GOOD, STRANGER, FINE],
    repos: {
      'open/model': { files },
      'gated/model': { files, gated: true, allowed: [GOOD] },
      'private/model': { files, private: true, allowed: [GOOD] },
      'datasets/gated/data': { files, gated: true, allowed: [GOOD] },
    },
  })
  const file = { id: 900, name: 'model.safetensors', content: MODEL, primary: true }
  civitai = await startFakeCivitai({
    keys: [KEY],
    versions: {
      11: { modelId: 1, files: [file] },
      13: { modelId: 2, files: [{ ...file, id: 903 }], needsKey: true },
      14: { modelId: 3, files: [{ ...file, id: 904 }], earlyAccess: '2026-12-24T00:00:00.000Z' },
      15: { modelId: 4, files: [{ ...file, id: 905 }], disabled: true },
      16: { modelId: 5, files: [{ ...file, id: 906 }], archived: true },
    },
  })
  return () => Promise.all([hub.close(), civitai.close()])
})
afterEach(() => {
  for (const fake of [hub, civitai]) {
    fake.misbehave(undefined)
    fake.misbehaveApi(undefined)
    expect(fake.authorizationSeen).toEqual([])
    expect(JSON.stringify(fake.requests.map(({ url }) => url))).not.toContain('CANARY')
  }
})

function ask(model: string, token?: string, gatedRead: GatedRead = 'unknown'): Promise<ModelAccess> {
  const provider = model.includes('civitai') ? 'civitai' : 'huggingface'
  const issuers = testIssuers({
    huggingface: hub.url,
    civitai: civitai.url,
    downloadHosts: [hub.storage.host, civitai.storage.host],
  })
  const question = parseModelQuestion(provider, model, issuers.settings)
  return askForModel(question, { issuers, token, gatedRead, signal: new AbortController().signal })
}

const file = (repo: string, name = 'model.safetensors', revision = 'main') =>
  `https://huggingface.co/${repo}/blob/${revision}/${name}`
const version = (id: number) => `https://civitai.com/api/download/models/${id}`

describe('a model that opens says so, and whether it needs the token', () => {
  test.each([
    ['open/model', undefined, { name: 'open/model', sizeBytes: null, withoutToken: true }],
    ['open/model', GOOD, { withoutToken: true }],
    ['gated/model', GOOD, { name: 'gated/model', withoutToken: false }],
    ['private/model', GOOD, { withoutToken: false }],
    ['datasets/gated/data', GOOD, { name: 'datasets/gated/data', withoutToken: false }],
    [file('open/model'), GOOD, { name: 'model.safetensors', sizeBytes: MODEL.length, withoutToken: true }],
    [file('gated/model'), GOOD, { sizeBytes: MODEL.length, withoutToken: false }],
    [version(11), undefined, { name: 'model.safetensors', sizeBytes: MODEL.length, withoutToken: true }],
    [version(11), KEY, { withoutToken: true }],
    [version(13), KEY, { name: 'model.safetensors', withoutToken: false }],
    ['https://civitai.com/models/2', KEY, { withoutToken: false }],
  ] as const)('%s %s', async (model, token, facts) => {
    expect(await ask(model, token)).toMatchObject({ state: 'opens', ...facts })
  })
})

describe('a model that doesn’t open says which of the reasons it is, with the way to the cure', () => {
  const page = (repo: string) => () => `${hub.url}/${repo}`
  const tokens = () => 'https://huggingface.co/settings/tokens'
  const cases: [string, string | undefined, string, RegExp, (() => string)?][] = [
    ['gated/model', undefined, 'token_missing', /none is saved. Save one on this page/, page('gated/model')],
    ['gated/model', STRANGER, 'terms_not_accepted', /accept its terms and check again/, page('gated/model')],
    ['gated/model', DEAD, 'token_refused', /doesn’t accept your saved token.*Replace it/, tokens],
    ['private/model', undefined, 'not_found_or_private', /save a token on this page/, page('private/model')],
    ['private/model', STRANGER, 'not_found_or_private', /your saved token can’t see it/],
    ['none/such', GOOD, 'not_found_or_private', /Check the name/],
    ['datasets/gated/data', STRANGER, 'terms_not_accepted', /terms/, page('datasets/gated/data')],
    [file('gated/model'), undefined, 'token_missing', /none is saved/],
    [file('gated/model'), STRANGER, 'terms_not_accepted', /terms/],
    [file('open/model', 'none.bin'), GOOD, 'revision_or_file_missing', /no such file/],
    [file('open/model', 'model.safetensors', 'v9'), GOOD, 'revision_or_file_missing', /no such branch/],
    [version(13), undefined, 'token_missing', /Civitai wants a token/],
    [version(13), 'CANARYdead', 'token_refused', /doesn’t accept your saved token/],
    [version(14), KEY, 'early_access', /until 2026-12-24/],
    [version(15), KEY, 'creator_disabled', /No key opens it/],
    [version(16), KEY, 'archived', /archived/],
    [version(99), KEY, 'not_found_or_private', /no such model/],
  ]
  test.each(cases)('%s with %s: %s', async (model, token, code, says, link) => {
    const access = await ask(model, token)
    expect(access).toMatchObject({ state: 'refused', code, message: expect.stringMatching(says) })
    if (link) expect(access).toMatchObject({ link: { href: link() } })
    expect(JSON.stringify(access)).not.toMatch(/CANARY|session|signature=/)
  })

  it('a fine-grained token that may not read gated models is told apart from terms that wait', async () => {
    const lacking = { state: 'refused', code: 'token_lacks_gated_read' }
    for (const model of ['gated/model', file('gated/model')]) {
      expect(await ask(model, FINE, 'no')).toMatchObject(lacking)
      expect(await ask(model, FINE, 'yes')).toMatchObject({ code: 'terms_not_accepted' })
    }
  })

  it('a token is suspected of being fine-grained only while nobody knows', async () => {
    for (const model of ['gated/model', file('gated/model')]) {
      const known = JSON.stringify(await ask(model, STRANGER, 'yes'))
      expect(known).toMatch(/its owner may still have to let you in\."/)
      expect(known).not.toMatch(/fine-grained/)
      expect(await ask(model, STRANGER, 'unknown')).toMatchObject({
        message: expect.stringMatching(/let you in, or the token is fine-grained and lacks read access/),
      })
    }
  })

  it.each(['open/model', file('open/model')])('a dead token and a public model: %s', async (model) => {
    expect(await ask(model, DEAD)).toMatchObject({
      state: 'refused',
      code: 'token_refused',
      message: expect.stringMatching(/is public, but your saved token is refused/),
    })
  })

  const hubFaults: [string, ApiFault, string, RegExp][] = [
    ['too many requests', { status: 429, headers: { 'Retry-After': '200' } }, 'rate_limited', /in 4 min/],
    ['an error', { status: 502 }, 'network', /502/],
    ['a web page', { status: 200, headers: { 'Content-Type': 'text/html' } }, 'html_instead_of_file', /page/],
    ['a broken connection', 'broken-off', 'network', /broke off/],
    [
      'taken down',
      { status: 403, headers: { 'X-Error-Message': 'Access to this resource is disabled.' } },
      'archived',
      /taken this repository down/,
    ],
  ]
  test.each(hubFaults)('Hugging Face, %s', async (_name, fault, code, says) => {
    hub.misbehaveApi(fault)
    expect(await ask('open/model', GOOD)).toMatchObject({
      state: 'refused',
      code,
      message: expect.stringMatching(says),
    })
  })

  const proxy = { 'Content-Type': 'text/html', 'WWW-Authenticate': 'Basic realm="proxy"' }
  const own = { 'X-Error-Message': 'Invalid credentials in Authorization header' }
  it.each([
    ['a proxy’s 401', { status: 401, headers: proxy, body: '<h1>401</h1>' }, 'network'],
    [
      'a 401 without a sign of a proxy',
      { status: 401, headers: { 'Content-Type': 'text/plain' } },
      'token_refused',
    ],
    ['the Hub’s 401 by its header', { status: 401, headers: { ...proxy, ...own } }, 'token_refused'],
    [
      'an issuer’s 401 by its JSON',
      { status: 401, headers: { 'Content-Type': '' }, body: '{"error":"x"}' },
      'token_refused',
    ],
  ] as const)(
    'of a token only the issuer’s own 401 says that it is refused: %s',
    async (_name, fault, code) => {
      hub.misbehaveApi(fault)
      civitai.misbehaveApi(fault)
      const isHubAlone = 'X-Error-Message' in (fault.headers ?? {})
      for (const model of isHubAlone ? ['open/model'] : ['open/model', version(11)])
        expect(await ask(model, model === 'open/model' ? GOOD : KEY)).toMatchObject({
          state: 'refused',
          code,
        })
    },
  )

  it('a proxy’s 401 on the way to a file says nothing of the token either', async () => {
    hub.misbehave({ status: 401, headers: proxy })
    for (const token of [GOOD, undefined])
      expect(await ask(file('open/model'), token)).toMatchObject({
        code: 'network',
        message: expect.stringMatching(/on the way to Hugging Face.*a sign-in of its own/),
      })
  })

  const civitaiFaults: [CivitaiFault, string, RegExp][] = [
    ['rate-limited', 'rate_limited', /limits/],
    ['sign-in-page', 'token_refused', /saved token/],
    ['blocked', 'network', /this server’s address/],
    ['html', 'html_instead_of_file', /web page/],
  ]
  test.each(civitaiFaults)('Civitai, %s', async (fault, code, says) => {
    civitai.misbehave(fault)
    expect(await ask(version(11), KEY)).toMatchObject({
      state: 'refused',
      code,
      message: expect.stringMatching(says),
    })
  })
})

it('no byte of a model is fetched but the first', async () => {
  const before = civitai.storage.requests.length
  await ask(version(13), KEY)
  const ranges = civitai.storage.requests.slice(before).map(({ headers }) => headers.range)
  expect(ranges).toEqual(['bytes=0-0'])
})
