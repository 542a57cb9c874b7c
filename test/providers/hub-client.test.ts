import { downloadFile, fileDownloadInfo, listFiles } from '@huggingface/hub'
import { beforeAll, expect, test } from 'vitest'
import { offerHub } from '~/providers/models/hub-offer'
import { readHubSource } from '~/providers/models/hub-source'
import { openXet } from '~/providers/models/hub-xet'
import { huggingface } from '~/providers/models/huggingface'
import { type HubFile, parseModelUrl } from '~/providers/models/source'
import { SESSION_VOICE } from '~/providers/models/voice'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { collect } from '../support/collect'
import { testIssuers } from './issuers'

const GOOD = 'hf_CANARYgoodgoodgoodgood'
const bytes = (length: number, step: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (index * step) % 251))

let hub: FakeHub
beforeAll(async () => {
  const files = {
    'model.safetensors': bytes(200_000, 1),
    'split files/vae #1/ae.safetensors': { content: bytes(300_001, 7), xet: true },
    'split files/notes.txt': { content: 'note', plain: true },
    'config.json': { content: '{"a":1}', plain: true },
    '模型.bin': bytes(1000, 3),
  }
  hub = await startFakeHub({
    tokens: [GOOD],
    repos: {
      'open/model': { files },
      'gated/model': { files, gated: true, allowed: [GOOD] },
      'datasets/open/data': { files },
      'datasets/gated/data': { files, gated: true, allowed: [GOOD] },
    },
    pageSize: 2,
  })
  return () => hub.close()
})

/** An address fit for the real client, which puts a path into one as it is. */
const encoded = (path: string) => path.split('/').map(encodeURIComponent).join('/')

test.each([
  ['open/model', undefined],
  ['open/model', GOOD],
  ['gated/model', GOOD],
  ['datasets/open/data', undefined],
  ['datasets/gated/data', GOOD],
])(
  'the real client and the offer agree on what is in %s, and on every byte (token: %s)',
  async (repo, token) => {
    const { settings, network } = testIssuers({ huggingface: hub.url, downloadHosts: hub.hosts })
    const context = { network, token, voice: SESSION_VOICE, signal: new AbortController().signal }
    const client = { repo, hubUrl: hub.url, ...(token && { accessToken: token }) }
    const source = readHubSource(repo, settings)
    const offer = await offerHub(source as NonNullable<typeof source>, context)
    expect(offer).toMatchObject({ complete: true, gate: repo.includes('gated') ? 'accepted' : 'open' })

    const listed = await collect(listFiles({ ...client, recursive: true }))
    const clients = listed.filter(({ type }) => type === 'file')
    expect(clients.length).toBe(5)
    expect(
      offer.files.map(({ name, detail, size, sha256 }) => ({ path: detail ?? name, size, sha256 })),
    ).toEqual(clients.map(({ path, size, lfs }) => ({ path, size, sha256: lfs?.oid })))

    for (const file of offer.files) {
      const path = file.detail ?? file.name
      const pinned = parseModelUrl(file.address, settings) as HubFile
      const inspected = await huggingface.inspect(pinned, context)
      expect(inspected).toMatchObject({ name: file.name, size: file.size, sha256: file.sha256 })
      const where = { ...client, path: encoded(path), revision: pinned.revision }
      const info = await fileDownloadInfo(where)
      expect(info?.size).toBe(file.size)
      // What the Hub doesn't serve itself it names only to whoever speaks Xet.
      if (info?.xet || !file.sha256) expect(info?.etag).toBe(`"${inspected.version}"`)
      const blob = await downloadFile({ ...where, ...(info && { downloadInfo: info }) })
      const theirs = Buffer.from(await (blob as Blob).arrayBuffer())
      const answer = await network.open({
        ...{ method: 'GET', url: inspected.url, provider: 'huggingface', token, follow: 'all' },
        signal: context.signal,
      })
      expect(Buffer.concat(await collect(answer.body)).equals(theirs)).toBe(true)
      expect(theirs.length).toBe(file.size)
      if (!info?.xet) continue
      const opened = await openXet(pinned, 0, context)
      expect(opened.size).toBe(file.size)
      expect(Buffer.concat(await collect(opened.bytes)).equals(theirs)).toBe(true)
    }
    expect(hub.authorizationSeen).toEqual([])
    expect(hub.xet.authorizationSeen).toEqual([])
    expect(JSON.stringify([offer, hub.xet.requests, hub.storage.requests])).not.toContain('hf_CANARY')
  },
)
