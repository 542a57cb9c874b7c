import { afterEach, beforeAll, expect, test } from 'vitest'
import { openXet } from '~/providers/models/hub-xet'
import type { HubFile } from '~/providers/models/source'
import { SESSION_VOICE } from '~/providers/models/voice'
import type { Refusal } from '~/providers/refusal'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { collect } from '../support/collect'
import { testIssuers } from './issuers'

const GOOD = 'hf_CANARYgoodgoodgoodgood'
const MODEL = Buffer.from(Array.from({ length: 400_003 }, (_, index) => (index * 13) % 251))

let hub: FakeHub
beforeAll(async () => {
  const files = { 'model.safetensors': { content: MODEL, xet: true }, 'plain.bin': MODEL }
  hub = await startFakeHub({
    tokens: [GOOD],
    repos: {
      'open/model': { files },
      'gated/model': { files, gated: true, allowed: [GOOD] },
    },
  })
  return () => hub.close()
})
afterEach(() => {
  hub.misbehaveXet(undefined)
  expect(hub.xet.authorizationSeen).toEqual([])
})

interface Asked {
  repo?: string
  path?: string
  token?: string
  from?: number
  hosts?: string[]
  signal?: AbortSignal
}

function open({ repo = 'open/model', path = 'model.safetensors', token, from = 0, hosts, signal }: Asked) {
  const { network } = testIssuers({ huggingface: hub.url, downloadHosts: hosts ?? hub.hosts })
  const file: HubFile = { provider: 'huggingface', base: hub.url, repo, revision: 'main', path: [path] }
  const context = { network, token, voice: SESSION_VOICE, signal: signal ?? new AbortController().signal }
  return openXet(file, from, context)
}
const read = async (asked: Asked) => Buffer.concat(await collect((await open(asked)).bytes))
const refusalOf = (asked: Asked): Promise<Refusal> =>
  read(asked).then(
    () => expect.fail('it arrived'),
    (error) => error,
  )

test('a file in chunks arrives from any byte on', async () => {
  for (const from of [0, 1, 16_384, 131_071, 131_072, 400_002, 400_003])
    expect([from, (await read({ from })).equals(MODEL.subarray(from))]).toEqual([from, true])
})

test('the token goes to the Hub alone, and what the Hub lends for the chunks to their host alone', async () => {
  const before = hub.requests.length
  expect((await read({ repo: 'gated/model', token: GOOD })).equals(MODEL)).toBe(true)
  const asked = hub.requests.slice(before)
  expect(asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${GOOD}`, `Bearer ${GOOD}`])
  expect(asked[1]?.url).toMatch(/xet-read-token/)
  expect(JSON.stringify(hub.requests.map(({ authorization }) => authorization))).not.toContain('xet_')
  expect(JSON.stringify(hub.xet.requests)).not.toContain('CANARY')
})

test('addresses of chunks that have expired are asked for again', async () => {
  const before = hub.xet.requests.length
  hub.xet.expireNext()
  expect((await read({})).equals(MODEL)).toBe(true)
  const asked = hub.xet.requests.slice(before).filter(({ url }) => url.includes('reconstructions'))
  expect(asked.length).toBe(2)
})

test.each([
  ['terms that were not accepted', { repo: 'gated/model' }, undefined, 'token_missing'],
  ['a dead token', { token: 'hf_CANARYdeaddeaddeaddead' }, undefined, 'token_refused'],
  ['a file that is gone', { path: 'none.bin' }, undefined, 'revision_or_file_missing'],
  ['a storage that is down', {}, { status: 503 }, 'network'],
  ['a connection that breaks off', {}, 'broken-off', 'network'],
  ['chunks at a host that nobody knows', {}, 'foreign-host', 'host_not_allowed'],
  ['a file that is not kept in chunks', { path: 'plain.bin' }, undefined, 'network'],
] as const)('%s: the reason why not, with a page', async (_, asked, fault, code) => {
  hub.misbehaveXet(fault)
  const refusal = await refusalOf(asked)
  expect(refusal).toMatchObject({ name: 'Refusal', code, link: { href: expect.stringMatching(/^http/) } })
  expect(refusal.message).not.toMatch(/CANARY|signature=/)
})

test('a private address that the operator doesn’t vouch for is not connected to, whatever the Hub says', async () => {
  const before = hub.xet.requests.length
  expect(await refusalOf({ hosts: [hub.storage.host] })).toMatchObject({ code: 'host_not_allowed' })
  expect(hub.xet.requests.length).toBe(before)
})

test('a download that is stopped ends at once, and says so', async () => {
  const stop = new AbortController()
  const { bytes } = await open({ signal: stop.signal })
  await expect(
    (async () => {
      for await (const _ of bytes) stop.abort()
    })(),
  ).rejects.toMatchObject({ code: 'canceled' })
})
