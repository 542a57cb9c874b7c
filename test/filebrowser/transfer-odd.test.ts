import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { roomFor } from '~/filebrowser/workspace/room'
import { type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import type { StorageFault } from '../fakes/storage'
import { noMount, smallDisk } from '../support/small-disk'
import { bytesOf, transfers, whole } from './transfer-harness'

const MODEL = bytesOf(500_000)
const TOKEN = 'hf_CANARYgoodgoodgood'
const DEAD = 'hf_CANARYdeaddeaddead'
const PATH = 'models/checkpoints/a.safetensors'

let hub: FakeHub
let civitai: FakeCivitai
beforeAll(async () => {
  hub = await startFakeHub({
    tokens: [TOKEN],
    repos: {
      'open/model': { files: { 'a.safetensors': MODEL, 'empty.bin': '', 'a.ckpt': 'pickle' } },
      'gated/model': { files: { 'a.safetensors': MODEL }, gated: true, allowed: [TOKEN] },
    },
  })
  const file = { id: 7, content: MODEL, unknown: true, primary: true }
  civitai = await startFakeCivitai({
    versions: {
      1: { modelId: 1, files: [{ ...file, name: 'a.safetensors' }] },
      2: { modelId: 2, files: [{ ...file, name: '../../x' }] },
      3: { modelId: 3, needsKey: true, files: [{ ...file, name: 'a.safetensors' }] },
    },
  })
  return async () => void (await Promise.all([hub.close(), civitai.close()]))
})
beforeEach(() => {
  hub.misbehave(undefined)
  civitai.misbehave(undefined)
  hub.requests.length = 0
})
afterAll(() => expect([...hub.authorizationSeen, ...civitai.authorizationSeen]).toEqual([]))

const model = () => `${hub.url}/open/model/resolve/main/a.safetensors`
const start = (options: Partial<Parameters<typeof transfers>[0]> = {}) =>
  transfers({
    huggingface: hub.url,
    civitai: civitai.url,
    hosts: [hub.storage.host, civitai.storage.host],
    ...options,
  })

describe('fault 96: an odd answer is refused, and nothing of it stays', () => {
  const cases: [StorageFault, string, RegExp][] = [
    ['endless', 'size_mismatch', /500000 bytes/],
    ['longer', 'size_mismatch', /500000 bytes/],
    ['shorter', 'size_mismatch', /500000 bytes/],
    ['says-more', 'size_mismatch', /500000 bytes/],
    ['says-less', 'size_mismatch', /500000 bytes/],
    ['wrong-bytes', 'hash_mismatch', /SHA-256/],
    ['gzip', 'size_mismatch', /compressed/],
    ['html', 'html_instead_of_file', /web page/],
  ]
  for (const [fault, code, says] of cases)
    test(`${fault}: ${code}`, async () => {
      const { run, filesOnDisk } = await start()
      hub.misbehave(fault)
      const { refusal } = await run(model())
      expect(refusal).toMatchObject({ code, message: expect.stringMatching(says) })
      expect(await filesOnDisk()).toEqual([])
    })

  test('bytes without end, of which nobody said how many there are, end with the room that there is', async () => {
    const { run, filesOnDisk } = await start({ makeRoom: async () => 1_000_000 })
    civitai.misbehave('endless')
    const { refusal, received } = await run(`${civitai.url}/model-versions/1`)
    expect(refusal).toMatchObject({ code: 'disk_full' })
    expect(Math.max(...received)).toBeLessThanOrEqual(1_000_000)
    expect(await filesOnDisk()).toEqual([])
  })

  test('a download of which nobody said how large it is leaves the room to the others', async () => {
    const { deps, root, run } = await start({ makeRoom: async () => 1_000_000 })
    civitai.misbehave('endless')
    let room: Promise<number> | undefined
    const onBytes = (received: number) => {
      if (received > 0) room ??= roomFor(1, join(root, 'models/loras/b'), deps)
    }
    await run(`${civitai.url}/model-versions/1`, { onBytes })
    expect(await room).toBe(1_000_000)
  })

  test('an error told as JSON is no model where no hash could tell', async () => {
    const { run, filesOnDisk } = await start()
    civitai.misbehave('json')
    const { refusal } = await run(`${civitai.url}/model-versions/1`)
    expect(refusal).toMatchObject({ code: 'html_instead_of_file' })
    expect(await filesOnDisk()).toEqual([])
  })

  test('a name that leads elsewhere is not followed', async () => {
    const { run, filesOnDisk } = await start()
    const { transferred } = await run(`${civitai.url}/model-versions/2`, { name: '../../x/\u202e.slipway-y' })
    expect(transferred?.path).toBe('models/checkpoints/slipway-y')
    expect((await run(`${civitai.url}/model-versions/2`)).transferred?.path).toMatch(
      /^models\/checkpoints\/[^/]+$/,
    )
    expect(await filesOnDisk()).toHaveLength(2)
  })
})

test('a file of which nobody tells size or hash is taken as it comes, and that is said', async () => {
  const { run } = await start()
  const { transferred, found } = await run(`${civitai.url}/model-versions/1`)
  expect(transferred).toEqual({ ...whole(PATH, MODEL), verified: 'size' })
  expect(found.at(-1)).toMatchObject({ size: MODEL.length, sha256: null, pickle: false })
})

test('without size, hash or tag it goes on nowhere: nobody could tell that it is the same file', async () => {
  const { run, stopAt } = await start()
  const url = `${civitai.url}/model-versions/1`
  civitai.misbehave('no-tag')
  const { id, known } = await stopAt(100_000, url)
  const { notices, transferred } = await run(url, { id, known })
  expect(notices).toEqual([expect.stringMatching(/doesn’t say whether/)])
  expect(transferred).toMatchObject({ size: MODEL.length })
  civitai.misbehave(undefined)
  const tagged = await stopAt(100_000, url, { name: 'b' })
  expect((await run(url, { id: tagged.id, known: tagged.known, name: 'b' })).notices).toEqual([])
})

test('an empty file arrives as well, and what can run code when it is loaded is flagged', async () => {
  const { run, read } = await start()
  const empty = await run(model().replace('a.safetensors', 'empty.bin'), { folder: 'input' })
  expect(empty.transferred).toMatchObject({ path: 'input/empty.bin', size: 0, verified: 'sha256' })
  expect(empty.found.at(-1)).toMatchObject({ pickle: true, folder: 'input' })
  expect(await read('input/empty.bin')).toHaveLength(0)
  expect((await run(model().replace('safetensors', 'ckpt'))).found.at(-1)).toMatchObject({ pickle: true })
})

test('a file that takes the name meanwhile is not overwritten; what arrived is used by the next try', async () => {
  const { run, root, filesOnDisk } = await start()
  let placed: Promise<void> | undefined
  const onBytes = () => {
    placed ??= writeFile(join(root, PATH), 'mine')
  }
  const { refusal, known } = await run(model(), { id: 'x', onBytes })
  await placed
  expect(refusal).toMatchObject({ code: 'file_exists' })
  expect(await readFile(join(root, PATH), 'utf8')).toBe('mine')
  expect(await filesOnDisk()).toContain('models/checkpoints/.slipway-x.part')
  hub.storage.requests.length = 0
  expect((await run(model(), { id: 'x', known, name: 'b' })).transferred?.path).toBe('models/checkpoints/b')
  expect(hub.storage.requests).toEqual([])
})

test('one target has one writer, and what it is told comes before its first byte', async () => {
  const { deps, run, filesOnDisk } = await start()
  hub.misbehave('stall')
  onTestFinished(hub.storage.release)
  let second: ReturnType<typeof run> | undefined
  const onBytes = () => {
    second ??= run(model())
  }
  const first = run(model(), { id: 'x', onBytes })
  await expect.poll(() => second).toBeDefined()
  expect((await second)?.refusal).toMatchObject({ code: 'busy' })
  hub.misbehave(undefined)
  hub.storage.release()
  expect((await first).transferred).toEqual(whole(PATH, MODEL))
  expect(deps.workspace.writing.size + deps.workspace.promised.size).toBe(0)
  expect(await filesOnDisk()).toEqual([PATH])
})

test('a link to a folder outside is no target', async () => {
  const { run, root, outside } = await start()
  await mkdir(join(outside, 'elsewhere'))
  await symlink(join(outside, 'elsewhere'), join(root, 'input/out'))
  expect((await run(model(), { folder: 'input/out' })).refusal).toMatchObject({ code: 'bad_path' })
})

describe('the disk', () => {
  test('a file larger than the room is refused before its first byte', async () => {
    const { run, filesOnDisk } = await start({ makeRoom: async () => MODEL.length - 1 })
    expect((await run(model())).refusal).toMatchObject({ code: 'disk_full' })
    expect(await filesOnDisk()).toEqual([])
  })

  test('room that is promised to another download is not free', async () => {
    const { run, deps } = await start({ makeRoom: async () => MODEL.length + 10 })
    deps.workspace.promised.set(join(deps.workspace.root, 'input/another'), 11)
    expect((await run(model())).refusal).toMatchObject({ code: 'disk_full' })
  })

  test.skipIf(noMount)('a disk that runs full in the middle gets its room back', async () => {
    smallDisk(1)
    const { run, filesOnDisk, root } = await start()
    const filler = join(root, 'filler')
    await writeFile(filler, Buffer.alloc(700_000))
    const { refusal } = await run(model())
    expect(refusal).toMatchObject({ code: 'disk_full', message: expect.stringMatching(/removed/) })
    expect(await filesOnDisk()).toEqual(['filler'])
  })
})

describe('a dead token', () => {
  test('doesn’t break a public file: it is left out, once, and that is said', async () => {
    const { run } = await start({ tokens: { huggingface: DEAD } })
    hub.storage.breakAt(100_000)
    const { transferred, notices } = await run(model())
    expect(transferred).toEqual(whole(PATH, MODEL))
    expect(notices).toEqual([expect.stringMatching(/Hugging Face refused this session’s token; .*relaunch/)])
    const sent = hub.requests.map(({ authorization }) => authorization)
    expect(sent[0]).toBe(`Bearer ${DEAD}`)
    expect(sent.slice(1).filter(Boolean)).toEqual([])
  })

  test('is the reason that is told where the file can’t be had without one', async () => {
    const { run, filesOnDisk } = await start({ tokens: { huggingface: DEAD, civitai: 'key_CANARY' } })
    const gated = await run(`${hub.url}/gated/model/resolve/main/a.safetensors`)
    const behindKey = await run(`${civitai.url}/model-versions/3`)
    for (const { refusal, notices } of [gated, behindKey]) {
      expect(refusal).toMatchObject({ code: 'token_refused' })
      expect(`${refusal.message}${notices}`).not.toContain('CANARY')
      expect(notices).toEqual([])
    }
    expect(await filesOnDisk()).toEqual([])
  })

  test('a good one opens what is gated, and goes to the issuer alone', async () => {
    const { run } = await start({ tokens: { huggingface: TOKEN } })
    const { transferred } = await run(`${hub.url}/gated/model/resolve/main/a.safetensors`)
    expect(transferred).toEqual(whole(PATH, MODEL))
  })
})
