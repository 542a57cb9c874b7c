import { link, readFile, rm, symlink, writeFile } from 'node:fs/promises'
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

test('a connection that breaks off again and again is taken up again, as long as it gets further', async () => {
  const { run, pauses, filesOnDisk } = await start()
  const places = Array.from({ length: 12 }, (_, index) => (index + 1) * 200_000)
  hub.storage.breakAt(...places)
  const { transferred } = await run(model())
  expect(transferred).toEqual(whole(PATH, MODEL))
  expect(pauses).toEqual(places.map(() => 1000))
  expect(ranges()).toEqual([undefined, ...places.map((at) => `bytes=${at}-`)])
  expect(await filesOnDisk()).toEqual([PATH])
})

test('one that gets no further is given up after five tries in a row, and what is there stays', async () => {
  const { run, pauses, filesOnDisk } = await start()
  hub.misbehave('broken-off')
  const { refusal } = await run(model(), { id: 'x' })
  expect(refusal).toMatchObject({ code: 'network', message: expect.stringMatching(/broke off/) })
  expect(pauses).toEqual([1000, 1000, 2000, 4000, 8000, 16000].slice(1))
  expect(await filesOnDisk()).toEqual(['models/checkpoints/.slipway-x.part'])
})

test('a source that is down for a moment is asked again, before the first byte as well', async () => {
  const { run, pauses } = await start()
  hub.misbehave({ status: 503 })
  expect((await run(model())).refusal).toMatchObject({ code: 'network' })
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16000])
})

test('a signed address that has expired is asked for again', async () => {
  const { run, stopAt, pauses } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  hub.storage.expire()
  hub.storage.breakAt(2_000_000)
  const running = run(model(), {
    id,
    known,
    onBytes: (received) => received === 2_000_000 && hub.storage.expire(),
  })
  expect((await running).transferred).toEqual(whole(PATH, MODEL))
  expect(pauses).toEqual([1000])
  const asked = hub.requests.filter(({ method }) => method === 'GET')
  expect(asked).toHaveLength(3)
})

test.each([
  ['a server that sends all of it where the rest was asked for', 'no-ranges'],
  ['a server that sends another part than was asked for', 'other-range'],
  ['a server that names another size with the part', 'other-total'],
] as const)('%s: the download begins again, and never mixes', async (_name, fault) => {
  const { run, stopAt, read } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  hub.misbehave(fault)
  const { transferred, notices, received } = await run(model(), { id, known })
  expect(transferred).toEqual(whole(PATH, MODEL))
  expect(notices).toEqual([expect.stringMatching(/began again from the start/)])
  expect(received).toContain(0)
  expect(ranges().at(-1)).toEqual(fault === 'no-ranges' ? expect.stringMatching(/^bytes=/) : undefined)
  expect((await read(PATH)).equals(MODEL)).toBe(true)
})

test('fault 96: a file that has changed since it was begun is fetched anew, and the old bytes go first', async () => {
  const { run, stopAt, filesOnDisk, read } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  const other = bytesOf(3_000_000, 'other')
  files['a.safetensors'] = other
  const { transferred, notices, found } = await run(model(), { id, known })
  expect(transferred).toEqual(whole(PATH, other))
  expect(notices).toEqual([expect.stringMatching(/has changed at its source/)])
  expect(found[0]).toMatchObject({ sha256: sha256(other), etag: null })
  expect(ranges().at(-1)).toBeUndefined()
  expect((await read(PATH)).equals(other)).toBe(true)
  expect(await filesOnDisk()).toEqual([PATH])
})

test('a file that changes in the middle of a transfer is fetched anew', async () => {
  const { run } = await start()
  const other = bytesOf(2_500_000, 'other')
  hub.storage.breakAt(1_000_000)
  const onBytes = (received: number) => {
    if (received === 1_000_000) files['a.safetensors'] = other
  }
  const { transferred, notices } = await run(model(), { onBytes })
  expect(transferred).toEqual(whole(PATH, other))
  expect(notices).toEqual([expect.stringMatching(/has changed/)])
})

test('all of it was there already: it is read again and put in place, and no byte is fetched', async () => {
  const { run, stopAt, root } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  await writeFile(join(root, `models/checkpoints/.slipway-${id}.part`), MODEL)
  hub.storage.requests.length = 0
  expect((await run(model(), { id, known })).transferred).toEqual(whole(PATH, MODEL))
  expect(hub.storage.requests).toEqual([])
})

test('more than all of it, or other bytes than were sent: it begins again', async () => {
  const { run, stopAt, root } = await start()
  const first = await stopAt(1_000_000, model(), { id: 'long' })
  await writeFile(join(root, 'models/checkpoints/.slipway-long.part'), Buffer.concat([MODEL, MODEL]))
  const long = await run(model(), { id: 'long', known: first.known })
  expect(long.transferred).toEqual(whole(PATH, MODEL))
  expect(long.notices).toHaveLength(1)
  await rm(join(root, PATH))
  const second = await stopAt(1_000_000, model(), { id: 'spoilt' })
  await writeFile(join(root, 'models/checkpoints/.slipway-spoilt.part'), Buffer.alloc(1_500_000))
  const spoilt = await run(model(), { id: 'spoilt', known: second.known })
  expect(spoilt.transferred).toEqual(whole(PATH, MODEL))
  expect(spoilt.notices).toEqual([expect.stringMatching(/did not fit/)])
})

test('without a record of what they belong to, bytes on the disk are not built on', async () => {
  const { run, stopAt } = await start()
  const { id } = await stopAt(1_000_000, model())
  const { transferred, verified } = await run(model(), { id })
  expect({ transferred, verified }).toEqual({ transferred: whole(PATH, MODEL), verified: [] })
  expect(ranges().at(-1)).toBeUndefined()
})

test('a program killed between putting the file in place and saying so finds it done', async () => {
  const { run, stopAt, root, filesOnDisk } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  const part = join(root, `models/checkpoints/.slipway-${id}.part`)
  await writeFile(part, MODEL)
  await link(part, join(root, PATH))
  expect((await run(model(), { id, known })).transferred).toEqual(whole(PATH, MODEL))
  expect(await filesOnDisk()).toEqual([PATH])
  // The same without the half-written name, which goes last.
  expect((await run(model(), { id, known })).transferred).toEqual(whole(PATH, MODEL))
  // Somebody else's file of that size and name is not it.
  await writeFile(join(root, PATH), bytesOf(3_000_000, 'mine'))
  expect((await run(model(), { id, known })).refusal).toMatchObject({ code: 'file_exists' })
})

test('a part with a second name is somebody else’s: it is left, and the download begins anew', async () => {
  const { run, stopAt, root } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  const part = join(root, `models/checkpoints/.slipway-${id}.part`)
  await link(part, join(root, 'mine'))
  const before = await readFile(join(root, 'mine'))
  expect((await run(model(), { id, known })).transferred).toEqual(whole(PATH, MODEL))
  expect((await readFile(join(root, 'mine'))).equals(before)).toBe(true)
})

test('fault 96: a link where the part or the file should be is never written through', async () => {
  const { run, stopAt, root, outside } = await start()
  const { id, known } = await stopAt(1_000_000, model())
  const part = join(root, `models/checkpoints/.slipway-${id}.part`)
  const victim = join(outside, 'victim')
  await writeFile(victim, MODEL.subarray(0, 1_000_000))
  await rm(part)
  await symlink(victim, part)
  expect((await run(model(), { id, known })).transferred).toEqual(whole(PATH, MODEL))
  expect((await readFile(victim)).length).toBe(1_000_000)
  await rm(join(root, PATH))
  await symlink(victim, join(root, PATH))
  expect((await run(model())).refusal).toMatchObject({ code: 'file_exists' })
  expect((await readFile(victim)).length).toBe(1_000_000)
})
