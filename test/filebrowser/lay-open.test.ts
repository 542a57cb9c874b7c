import { expect, test } from 'vitest'
import { layOpen } from '~/filebrowser/preflight/lay-open'
import { readSource } from '~/filebrowser/preflight/read-source'
import { issuerSettings } from '~/providers/issuers'
import type { Network } from '~/providers/network/network'

const issuers = issuerSettings({
  huggingfaceEndpoint: undefined,
  civitaiEndpoint: undefined,
  downloadHosts: [],
})

/** Never answers; says of the end of a question what the platform says. */
const silent: Network = {
  open: ({ signal }) =>
    new Promise((_resolve, reject) => {
      if (signal?.aborted) reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason))
    }),
  explain: (error) => error as Error,
  close: async () => {},
}

test.each(['owner/model', 'https://civitai.com/models/7'])(
  'a source that takes too long to answer is a reason, not a fault: %s',
  async (pasted) => {
    const deps = { network: silent, tokens: {} }
    const asked = layOpen(readSource(pasted, issuers), deps, new AbortController().signal, 10)
    await expect(asked).rejects.toMatchObject({ code: 'network', message: expect.stringMatching(/too long/) })
  },
)

test('a question that somebody gives up is no reason of the source', async () => {
  const asked = layOpen(
    readSource('owner/model', issuers),
    { network: silent, tokens: {} },
    AbortSignal.abort(new Error('given up')),
    10,
  ).catch((error) => error)
  expect(await asked).not.toMatchObject({ code: 'network' })
})
