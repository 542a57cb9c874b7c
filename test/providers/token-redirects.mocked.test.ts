import { Readable } from 'node:stream'
import { request } from 'undici'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createNetwork } from '~/providers/network/network'
import type { ProviderId } from '~/providers/registry'

vi.mock('undici', async (original) => ({
  ...(await original<typeof import('undici')>()),
  request: vi.fn(),
}))
const sent = vi.mocked(request)
beforeEach(() => sent.mockReset())

/** Goes from one address to the next. @returns the hosts that were asked, with what was shown to each */
async function follow(provider: ProviderId, hops: string[], trustedHosts: string[] = []) {
  const [start = '', ...locations] = hops
  sent.mockImplementation(async () => {
    const location = locations.shift()
    return {
      statusCode: location ? 302 : 200,
      headers: location ? { location } : {},
      body: Readable.from([]),
    } as never
  })
  const { open, close } = createNetwork({ trustedHosts, userAgent: 'test', here: 'Here' })
  onTestFinished(close)
  const headers = { 'x-lent': 'CANARYlent' }
  const signal = new AbortController().signal
  await open({ method: 'GET', url: start, provider, token: 'CANARY', follow: 'all', headers, signal })
  return sent.mock.calls.map(([url, options]) => {
    const { authorization, 'x-lent': lent } = (options?.headers ?? {}) as Record<string, string>
    return [String(url), authorization === 'Bearer CANARY', lent !== undefined]
  })
}

test.each<[ProviderId, string, string]>([
  ['civitai', 'https://civitai.red/x', 'https://civitai.com/x'],
  ['civitai', 'https://civitai.com/x', 'https://www.civitai.red/x'],
  ['huggingface', 'https://www.huggingface.co/x', 'https://huggingface.co/x'],
])(
  'fault 95: %s’s token goes along from %s to %s, and what was lent for the one does not',
  async (...args) => {
    const [provider, from, to] = args
    expect(await follow(provider, [from, to])).toEqual([
      [from, true, true],
      [to, true, false],
    ])
  },
)

test.each<[ProviderId, string, string, string[]?]>([
  ['civitai', 'https://civitai.red/x', 'https://b2.civitai.com/x'],
  ['civitai', 'https://civitai.red/x', 'https://files.r2.cloudflarestorage.com/x'],
  ['civitai', 'https://civitai.red/x', 'http://civitai.com/x', ['civitai.com:80']],
  ['civitai', 'https://civitai.red/x', 'https://civitai.com:8443/x', ['civitai.com:8443']],
  ['civitai', 'https://civitai.red/x', 'https://huggingface.co/x', ['huggingface.co']],
  ['civitai', 'https://mirror.internal/x', 'https://civitai.com/x', ['mirror.internal']],
  ['civitai', 'https://civitai.com/x', 'https://mirror.internal/x', ['mirror.internal']],
  ['huggingface', 'https://huggingface.co/x', 'https://cdn-lfs.hf.co/x'],
])('fault 95: %s’s token stays behind from %s to %s, also on the way back', async (...args) => {
  const [provider, from, to, trusted] = args
  expect(await follow(provider, [from, to, from], trusted)).toEqual([
    [from, true, true],
    [to, false, false],
    [from, false, false],
  ])
})
