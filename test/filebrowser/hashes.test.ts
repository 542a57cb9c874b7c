import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HashIndex } from '~/filebrowser/hashes/hash-index'
import { Survey } from '~/filebrowser/hashes/survey'
import { Refusal } from '~/filebrowser/refusal'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { temporaryFolder } from '../support/temp-folder'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const wanted = (text: string) => ({ sha256: sha256(text), size: text.length, sizeTolerance: 0 })
const never = new AbortController().signal

async function start() {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  const workspace = await openWorkspace(folder.path)
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(workspace.root, path)), { recursive: true })
    await writeFile(join(workspace.root, path), text)
    return join(workspace.root, path)
  }
  const index = () => HashIndex.open(workspace.root)
  const look = async (signal = never) => Survey.of(workspace, await index(), signal)
  const kept = async () =>
    JSON.parse(await readFile(join(workspace.root, '.slipway/hashes.json'), 'utf8')).files
  return { workspace, put, index, look, kept }
}

test('the same content is found under whatever name and in whatever folder', async () => {
  const { put, look } = await start()
  await put('models/loras/deep/er/other name.safetensors', 'content')
  await put('models/loras/decoy.safetensors', 'CONTENT')
  expect(await (await look()).find(wanted('content'))).toBe('models/loras/deep/er/other name.safetensors')
  expect(await (await look()).find(wanted('another'))).toBeUndefined()
})

test('only files of the wanted size are read, and none is read twice', async () => {
  const { workspace, put, index, look, kept } = await start()
  await put('models/a.bin', 'content')
  await put('models/b.bin', 'much longer content')
  await (await look()).find(wanted('content'))
  expect(Object.keys(await kept())).toEqual(['models/a.bin'])
  // Told something else of a file, the index believes it: the file isn't read.
  await (await index()).remember(join(workspace.root, 'models/b.bin'), sha256('never there before!'))
  expect(await (await look()).find(wanted('never there before!'))).toBe('models/b.bin')
})

test('a file that was changed or replaced is read again', async () => {
  const { put, look } = await start()
  const path = await put('models/a.bin', 'content')
  expect(await (await look()).find(wanted('content'))).toBe('models/a.bin')
  const next = await put('models/next', 'CONTENT')
  await rename(next, path)
  expect(await (await look()).find(wanted('content'))).toBeUndefined()
  expect(await (await look()).find(wanted('CONTENT'))).toBe('models/a.bin')
})

test('what a download computed on its way is remembered beyond a restart', async () => {
  const { put, index } = await start()
  const path = await put('models/a.bin', 'content')
  await (await index()).remember(path, sha256('content'))
  expect(await (await index()).known(path)).toBe(sha256('content'))
  await writeFile(path, 'changed!')
  expect(await (await index()).known(path)).toBeUndefined()
})

test('a damaged index is only slower', async () => {
  const { put, look } = await start()
  await put('models/a.bin', 'content')
  for (const text of ['', '{', '{"version":2}', '{"version":1,"files":{"models/a.bin":{"sha256":"x"}}}']) {
    await put('.slipway/hashes.json', text)
    expect(await (await look()).find(wanted('content'))).toBe('models/a.bin')
  }
})

test('links are not followed out and half-written files don’t count', async () => {
  const { workspace, put, look } = await start()
  const outside = await put('elsewhere/a.bin', 'content')
  await symlink(outside, join(workspace.root, 'models/link.bin'))
  await symlink(dirname(outside), join(workspace.root, 'models/folder'))
  await put('models/.slipway-1.part', 'content')
  expect(await (await look()).find(wanted('content'))).toBeUndefined()
})

test('a question that is given up half way tells why it was', async () => {
  const { put, look } = await start()
  const path = await put('models/a.bin', '')
  await truncate(path, 3e9)
  const controller = new AbortController()
  const survey = await look(controller.signal)
  const found = survey.find({ sha256: sha256(''), size: 3e9, sizeTolerance: 0 })
  setImmediate(() => controller.abort(new Refusal('canceled', 'Nobody waits.')))
  await expect(found).rejects.toThrow('Nobody waits.')
})

test('a question that is canceled stops reading', async () => {
  const { put, look } = await start()
  await put('models/a.bin', 'content')
  const controller = new AbortController()
  const survey = await look(controller.signal)
  controller.abort()
  await expect(survey.find(wanted('content'))).rejects.toThrow(/abort/i)
})
