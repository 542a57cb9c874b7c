import { appendFile, link, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { bytesOf, sha256, transfers, whole } from './transfer-harness'

const MODEL = bytesOf(3_000_000)
const TEXT = bytesOf(300_000, 'text')
const files: Record<string, Buffer> = {}
const plain: Record<string, Buffer> = {}

let hub: FakeHub
beforeAll(async () => {
  hub = await startFakeHub({
    repos: { 'open/model': { files }, 'open/plain': { files: plain, plain: true } },
  })
  return () => hub.close()
})
beforeEach(() => {
  files['a.safetensors'] = MODEL
  plain['a.txt'] = TEXT
  hub.misbehave(undefined)
  hub.storage.breakAt()
  hub.storage.requests.length = 0
  hub.requests.length = 0
})
afterAll(() => expect(hub.authorizationSeen).toEqual([]))

const start = () => transfers({ huggingface: hub.url, hosts: [hub.storage.host] })
const model = () => `${hub.url}/open/model/resolve/main/a.safetensors`
const ranges = () => hub.storage.requests.map(({ headers }) => headers.range)
const PATH = 'models/checkpoints/a.safetensors'

test('what was stopped goes on from what is on the disk, and only the rest is fetched', async () => {
  const { run, stopAt, filesOnDisk, read } = await start()
  const { id, known, stopped } = await stopAt(1_000_000, model())
  expect(stopped.refusal).toMatchObject({ code: 'canceled' })
  const part = `models/checkpoints/.slipway-${id}.part`
  expect(await filesOnDisk()).toEqual([part])
  const had = (await read(part)).length
  expect(had).toBeGreaterThanOrEqual(1_000_000)

  const { transferred, verified, received, notices } = await run(model(), { id, known })
  expect(transferred).toEqual(whole(PATH, MODEL))
  expect(verified.at(-1)).toBe(had)
  expect(Math.min(...received)).toBe(had)
  expect(notices).toEqual([])
  const { range, 'if-range': ifRange } = hub.storage.requests.at(-1)?.headers ?? {}
  expect({ range, ifRange }).toEqual({ range: `bytes=${had}-`, ifRange: known?.etag })
  expect(await filesOnDisk()).toEqual([PATH])
  expect((await read(PATH)).equals(MODEL)).toBe(true)
})
