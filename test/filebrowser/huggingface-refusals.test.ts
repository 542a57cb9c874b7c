import { afterEach, beforeAll, expect, test } from 'vitest'
import { type FakeHub, type HubFault, startFakeHub } from '../fakes/hub'
import { startFilebrowser } from './harness'

const GOOD = 'hf_CANARYgoodgoodgoodgood'
const STRANGER = 'hf_CANARYstrangerstranger'
const FINE_GRAINED = 'hf_CANARYfinegrained'
const DEAD = 'hf_CANARYdeaddeaddead'
const MODEL = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))

let hub: FakeHub
beforeAll(async () => {
  const files = { 'model.safetensors': MODEL }
  hub = await startFakeHub({
    tokens: [GOOD, STRANGER, FINE_GRAINED],
    withoutGatedRead: [FINE_GRAINED],
    repos: {
      'open/model': { files },
      'gated/model': { files, gated: true, allowed: [GOOD, FINE_GRAINED] },
      'private/model': { files, private: true, allowed: [GOOD] },
    },
  })
  return () => hub.close()
})
afterEach(() => {
  hub.misbehave(undefined)
  expect(hub.authorizationSeen).toEqual([])
})

const start = (token?: string) =>
  startFilebrowser({
    env: {
      HF_ENDPOINT: hub.url,
      DOWNLOAD_HOSTS: hub.storage.host,
      ...(token && { HUGGINGFACE_TOKENS: token }),
    },
  })
const fileUrl = (repo: string, path = 'model.safetensors', revision = 'main') =>
  `https://huggingface.co/${repo}/blob/${revision}/${path}`
const page = (repo: string) => `${hub.url}/${repo}`
const cases: {
  name: string
  token?: string
  repo: string
  path?: string
  revision?: string
  fault?: HubFault
  code: string
  says: RegExp
  link?: () => string
}[] = [
  {
    name: 'gated, no token',
    repo: 'gated/model',
    code: 'token_missing',
    says: /save one.*relaunch.*running session/i,
    link: () => page('gated/model'),
  },
  {
    name: 'any 401 of the Hub, no token',
    repo: 'open/model',
    fault: { status: 401, headers: { 'X-Error-Message': 'Unauthorized' } },
    code: 'token_missing',
    says: /running session doesn’t pick it up/,
  },
  {
    name: 'a proxy’s 401',
    token: GOOD,
    repo: 'open/model',
    fault: { status: 401, headers: { 'Content-Type': 'text/html' } },
    code: 'network',
    says: /on the way to Hugging Face/,
  },
  {
    name: 'any 401 of the Hub, a token',
    token: GOOD,
    repo: 'open/model',
    fault: { status: 401, headers: { 'X-Error-Message': 'Unauthorized' } },
    code: 'token_refused',
    says: /doesn’t accept the token/,
    link: () => 'https://huggingface.co/settings/tokens',
  },
  {
    name: 'a dead token',
    token: DEAD,
    repo: 'gated/model',
    code: 'token_refused',
    says: /doesn’t accept the token.*relaunch/,
  },
  {
    name: 'terms not accepted',
    token: STRANGER,
    repo: 'gated/model',
    code: 'terms_not_accepted',
    says: /gated.*accept its terms/,
    link: () => page('gated/model'),
  },
  {
    name: 'any 403, a token',
    token: GOOD,
    repo: 'open/model',
    fault: { status: 403 },
    code: 'terms_not_accepted',
    says: /accept its terms/,
    link: () => page('open/model'),
  },
  {
    name: 'a token without gated read',
    token: FINE_GRAINED,
    repo: 'gated/model',
    code: 'token_lacks_gated_read',
    says: /fine-grained token/,
    link: () => 'https://huggingface.co/settings/tokens',
  },
  {
    name: 'a private repository, no token',
    repo: 'private/model',
    code: 'not_found_or_private',
    says: /private, save a token.*relaunch/,
  },
  {
    name: 'a private repository, a stranger’s token',
    token: STRANGER,
    repo: 'private/model',
    code: 'not_found_or_private',
    says: /can’t see it/,
  },
  {
    name: 'no such file',
    repo: 'open/model',
    path: 'none.bin',
    code: 'revision_or_file_missing',
    says: /no such file/,
    link: () => `${page('open/model')}/tree/main`,
  },
  {
    name: 'no such revision',
    repo: 'open/model',
    revision: 'v9',
    code: 'revision_or_file_missing',
    says: /no such branch/,
  },
  {
    name: 'taken down',
    repo: 'open/model',
    fault: { status: 403, headers: { 'X-Error-Message': 'Access to this resource is disabled.' } },
    code: 'archived',
    says: /taken this repository down/,
  },
  {
    name: 'too many requests',
    repo: 'open/model',
    fault: { status: 429, headers: { RateLimit: '"api";r=0;t=115' } },
    code: 'rate_limited',
    says: /in 2 min/,
  },
  { name: 'the Hub is down', repo: 'open/model', fault: { status: 503 }, code: 'network', says: /503/ },
  {
    name: 'a page in place of the file',
    repo: 'open/model',
    fault: 'html',
    code: 'html_instead_of_file',
    says: /web page/,
  },
  { name: 'other bytes', repo: 'open/model', fault: 'wrong-bytes', code: 'hash_mismatch', says: /SHA-256/ },
  {
    name: 'too many bytes',
    repo: 'open/model',
    fault: 'longer',
    code: 'size_mismatch',
    says: /200000 bytes/,
  },
  {
    name: 'too few bytes',
    repo: 'open/model',
    fault: 'shorter',
    code: 'size_mismatch',
    says: /200000 bytes/,
  },
  {
    name: 'bytes without end',
    repo: 'open/model',
    fault: 'endless',
    code: 'size_mismatch',
    says: /200000 bytes/,
  },
  {
    name: 'a broken connection',
    repo: 'open/model',
    fault: 'broken-off',
    code: 'network',
    says: /broke off/,
  },
  {
    name: 'a redirect to a foreign host',
    token: GOOD,
    repo: 'open/model',
    fault: { redirectTo: 'https://evil.example/x' },
    code: 'host_not_allowed',
    says: /evil\.example/,
  },
  {
    name: 'a redirect to the cloud’s metadata',
    repo: 'open/model',
    fault: { redirectTo: 'http://169.254.169.254/latest' },
    code: 'host_not_allowed',
    says: /169\.254/,
  },
  {
    name: 'a redirect to another port here',
    repo: 'open/model',
    fault: { redirectTo: 'http://127.0.0.1:1/x' },
    code: 'host_not_allowed',
    says: /127\.0\.0\.1:1/,
  },
  {
    name: 'a redirect in circles',
    repo: 'open/model',
    fault: { redirectTo: '/open/model/resolve/main/model.safetensors' },
    code: 'network',
    says: /circles/,
  },
]

for (const { name, token, repo, path, revision, fault, code, says, link } of cases)
  test(`${name}: ${code}, and nothing ${fault === 'broken-off' ? 'is lost' : 'stays'} on the disk`, async () => {
    const { download, filesOnDisk, answers, log } = await start(token)
    hub.misbehave(fault)
    const view = await download(fileUrl(repo, path, revision))
    expect(view).toMatchObject({ state: 'failed', error: { code, message: expect.stringMatching(says) } })
    if (link) expect(view.error?.link?.href).toBe(link())
    if (fault !== 'broken-off') expect(await filesOnDisk()).toEqual([])
    expect(answers.join('\n')).not.toMatch(/CANARY|signature=/)
    expect(log).toEqual([])
  })
