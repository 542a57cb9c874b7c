import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PlannedFile } from '~/filebrowser/contract'
import { type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { startFilebrowser } from './harness'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let hub: FakeHub
let civitai: FakeCivitai
beforeAll(async () => {
  hub = await startFakeHub({
    repos: {
      'o/n': {
        files: {
          'first.safetensors': 'first',
          'deep/Wanted.safetensors': 'wanted',
          'unet/model.safetensors': 'unet',
          'vae/model.safetensors': 'vae',
        },
      },
      'o/plain': { files: { 'plain.safetensors': 'plain' }, plain: true },
    },
  })
  const file = (id: number, name: string) => ({ id, name, content: name, primary: id === 1 })
  civitai = await startFakeCivitai({
    versions: { 5: { modelId: 4, files: [file(1, 'a.safetensors'), file(2, 'b.safetensors')] } },
  })
  return () => Promise.all([hub.close(), civitai.close()])
})

interface Note {
  name: string
  url?: string
  hash?: string
}

async function start() {
  const browser = await startFilebrowser({
    env: {
      HF_ENDPOINT: hub.url,
      CIVITAI_ENDPOINT: civitai.url,
      DOWNLOAD_HOSTS: [hub.storage.host, civitai.storage.host].join(','),
    },
  })
  /** The plan of a workflow that names these checkpoints. */
  async function plan(...notes: Note[]) {
    const nodes = notes.map(({ name, url, hash }) => ({
      type: 'CheckpointLoaderSimple',
      widgets_values: [name],
      properties: {
        models: [{ name, url: url?.replace('HUB', hub.url), directory: 'checkpoints', hash }],
      },
    }))
    const { status, json } = await browser.call('POST', 'preflight', { workflow: { nodes } })
    expect([status, json.files?.length]).toEqual([200, notes.length])
    return { ...json, file: json.files[0] as PlannedFile }
  }
  async function put(path: string, content: string) {
    await mkdir(join(browser.workspace, path, '..'), { recursive: true })
    await writeFile(join(browser.workspace, path), content)
  }
  return { ...browser, plan, put }
}

describe('of an address of several files', () => {
  test.each(['HUB/o/n', 'HUB/o/n/tree/main/deep', 'https://civitai.com/models/4'])(
    'only the one of the wanted name is taken: %s',
    async (url) => {
      const { plan } = await start()
      const { file } = await plan({ name: 'other.safetensors', url })
      expect(file).toMatchObject({
        source: null,
        name: 'other.safetensors',
        chosen: false,
        error: { code: 'revision_or_file_missing', link: { href: expect.stringContaining('http') } },
      })
    },
  )

  test('it is found whatever its case and folder, and keeps the workflow’s name and folder', async () => {
    const { plan } = await start()
    const { file } = await plan({ name: 'sub/wanted.safetensors', url: 'HUB/o/n' })
    expect(file).toMatchObject({
      source: expect.stringContaining('/deep/Wanted.safetensors'),
      ...{ name: 'wanted.safetensors', folder: 'models/checkpoints/sub', size: 6, chosen: true, error: null },
    })
  })

  test('one of two of the same name is taken only when its folder or its hash tells which', async () => {
    const { plan } = await start()
    const url = 'HUB/o/n'
    const sourceOf = async (note: Omit<Note, 'url'>) => (await plan({ ...note, url })).file.source
    expect(await sourceOf({ name: 'model.safetensors' })).toBeNull()
    expect(await sourceOf({ name: 'vae/model.safetensors' })).toContain('/vae/model.safetensors')
    expect(await sourceOf({ name: 'model.safetensors', hash: sha256('vae') })).toContain('/vae/model')
  })
})

test('the file of an address of one is taken whatever its name', async () => {
  const { plan } = await start()
  const taken = [
    ['HUB/o/n/resolve/main/first.safetensors', '/first.safetensors'],
    ['https://civitai.com/api/download/models/5', 'fileId=1'],
  ] as const
  for (const [url, source] of taken) {
    const { file } = await plan({ name: 'mine.safetensors', url })
    expect(file).toMatchObject({ name: 'mine.safetensors', chosen: true, error: null })
    expect(file.source).toContain(source)
  }
})

test('a hash that the source contradicts is an error, and one that it doesn’t know is carried and said', async () => {
  const { plan } = await start()
  const first = { name: 'first.safetensors', url: 'HUB/o/n/resolve/main/first.safetensors' }
  expect((await plan({ ...first, hash: sha256('first') })).file.error).toBeNull()
  expect((await plan({ ...first, hash: sha256('other') })).file.error).toMatchObject({
    code: 'hash_mismatch',
    message: expect.stringMatching(/first\.safetensors.*SHA-256 differ/),
  })
  const hash = sha256('plain')
  const url = 'HUB/o/plain/resolve/main/plain.safetensors'
  const { file, notices } = await plan({ name: 'plain.safetensors', url, hash })
  expect(file).toMatchObject({ sha256: hash, error: null, chosen: true })
  expect(notices).toEqual([expect.stringMatching(/plain\.safetensors says no SHA-256/)])
})

test('another file under the wanted name doesn’t hide where the right one comes from', async () => {
  const { plan, put } = await start()
  await put('models/checkpoints/first.safetensors', 'another')
  const url = 'HUB/o/n/resolve/main/first.safetensors'
  const { file } = await plan({ name: 'first.safetensors', url, hash: sha256('first') })
  const present = { path: 'models/checkpoints/first.safetensors', same: false }
  expect(file).toMatchObject({ source: expect.stringContaining('first'), present, error: null })
  const unknown = await plan({ name: 'first.safetensors', hash: sha256('first') })
  expect(unknown.file).toMatchObject({ source: null, present, error: { code: 'not_found_or_private' } })
  await put('models/checkpoints/first.safetensors', 'first')
  const here = await plan({ name: 'first.safetensors', url, hash: sha256('first') })
  expect(here.file).toMatchObject({ present: { ...present, same: true }, error: null, chosen: false })
})

test('a name with a folder is here only in that folder, unless the hash is known to agree', async () => {
  const { plan, put, download, workspace } = await start()
  const name = 'foo/first.safetensors'
  await put('models/checkpoints/bar/first.safetensors', 'another')
  expect((await plan({ name })).file.present).toBeNull()
  expect((await plan({ name: 'first.safetensors' })).file.present?.same).toBe(true)
  await download(`${hub.url}/o/n/resolve/main/first.safetensors`, 'models/checkpoints/baz')
  expect(await readFile(join(workspace, 'models/checkpoints/baz/first.safetensors'), 'utf8')).toBe('first')
  expect((await plan({ name, hash: sha256('first') })).file.present).toEqual({
    path: 'models/checkpoints/baz/first.safetensors',
    same: true,
  })
  await put('models/checkpoints/xl/foo/first.safetensors', 'another')
  expect((await plan({ name })).file.present).toEqual({
    path: 'models/checkpoints/xl/foo/first.safetensors',
    same: true,
  })
})

test.each(['https://', 'http://[', 'https://exa mple.com/x', 'no address', ''])(
  'an address that can’t be read is that file’s error alone: %j',
  async (url) => {
    const { plan, log } = await start()
    const good = { name: 'first.safetensors', url: 'HUB/o/n/resolve/main/first.safetensors' }
    const { files } = await plan({ name: 'bad.safetensors', url }, good)
    expect(files).toMatchObject([
      { source: null, error: { code: expect.any(String) } },
      { chosen: true, error: null },
    ])
    expect(log).toEqual([])
  },
)
