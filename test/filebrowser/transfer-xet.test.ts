import { expect, onTestFinished, test } from 'vitest'
import { openBytes } from '~/filebrowser/transfers/open-bytes'
import { huggingface } from '~/providers/models/huggingface'
import type { Issuer } from '~/providers/models/issuer'
import type { HubFile, ModelSource } from '~/providers/models/source'
import { SESSION_VOICE } from '~/providers/models/voice'
import { startFakeHub } from '../fakes/hub'
import { collect } from '../support/collect'
import { bytesOf, transfers } from './transfer-harness'

const MODEL = bytesOf(500_000)

test('what is too large for its plain address comes by Xet, from the byte that is wanted next', async () => {
  const files = { 'a.safetensors': { content: MODEL, xet: true } }
  const hub = await startFakeHub({ repos: { 'open/model': { files } } })
  onTestFinished(() => hub.close())
  const { deps } = await transfers({ huggingface: hub.url, hosts: hub.hosts })
  const source: HubFile = {
    ...{ provider: 'huggingface', base: hub.url, repo: 'open/model', revision: 'main' },
    path: ['a.safetensors'],
  }
  const context = {
    ...{ network: deps.network, token: undefined, voice: SESSION_VOICE },
    signal: new AbortController().signal,
  }
  const file = { ...(await huggingface.inspect(source, context)), xet: source }
  const asking = { source, issuer: huggingface as Issuer<ModelSource>, context }
  for (const from of [0, 123_456]) {
    const opened = await openBytes(file, { from, etag: null }, asking)
    expect(opened).toMatchObject({ from, size: MODEL.length, etag: null })
    expect(Buffer.concat(await collect(opened.bytes)).equals(MODEL.subarray(from))).toBe(true)
    opened.close()
  }
  expect(hub.storage.requests).toEqual([])
})
