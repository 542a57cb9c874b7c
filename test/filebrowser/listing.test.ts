import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EntryView, FolderView, SearchView } from '~/filebrowser/contract'
import { query, startFilebrowser } from './harness'

const namesOf = ({ entries }: { entries: EntryView[] }) => entries.map(({ name }) => name)

async function withFolder() {
  const started = await startFilebrowser()
  const at = (name: string) => join(started.workspace, 'input', name)
  const list = async (options: Record<string, string> = {}): Promise<FolderView> =>
    (await started.call('GET', `files?${query({ path: 'input', ...options })}`)).json
  const search = async (words: string, options: Record<string, string> = {}): Promise<SearchView> =>
    (await started.call('GET', `search?${query({ path: '', query: words, ...options })}`)).json
  return { ...started, at, list, search }
}

test('a folder is sorted by name, size or time, either way, folders always first', async () => {
  const { at, list } = await withFolder()
  await mkdir(at('folder'))
  for (const [name, size, time] of [
    ['step10', 1, 30],
    ['step2', 3, 10],
    ['Äpfel', 2, 20],
  ] as const) {
    await writeFile(at(name), 'x'.repeat(size))
    await utimes(at(name), time, time)
  }
  expect(namesOf(await list())).toEqual(['folder', 'Äpfel', 'step2', 'step10'])
  expect(namesOf(await list({ order: 'desc' }))).toEqual(['folder', 'step10', 'step2', 'Äpfel'])
  expect(namesOf(await list({ sort: 'size' }))).toEqual(['folder', 'step10', 'Äpfel', 'step2'])
  expect(namesOf(await list({ sort: 'modified', order: 'desc' }))).toEqual([
    'folder',
    'step10',
    'Äpfel',
    'step2',
  ])
  expect((await list()).space).toEqual({ free: expect.any(Number), total: expect.any(Number) })
})

test('the pages of a folder are all of it, each entry once, also where names differ only in case', async () => {
  const { at, list } = await withFolder()
  const names = ['a', 'A', 'á', 'b', 'B', 'c10', 'c9']
  for (const name of names) await writeFile(at(name), '')
  for (const sort of ['name', 'size', 'modified']) {
    const pages = []
    for (let offset = 0; offset < names.length; offset += 2) {
      const page = await list({ sort, offset: String(offset), limit: '2' })
      expect([page.offset, page.total]).toEqual([offset, names.length])
      pages.push(...namesOf(page))
    }
    expect([...pages].sort()).toEqual([...names].sort())
  }
  expect((await list({ offset: '100' })).entries).toEqual([])
})

test('names are found by words in any order, case and folder, and links are not followed', async () => {
  const { at, search, workspace, call } = await withFolder()
  await mkdir(at('Deep Folder/x'), { recursive: true })
  await writeFile(at('Deep Folder/x/Flux-Dev FP8.safetensors'), 'abc')
  await writeFile(at('flux.txt'), '')
  await symlink(workspace, at('circle'))
  await call('PUT', 'file?path=fp8 of flux', 'x')
  await call('POST', 'trash', { paths: ['fp8 of flux'] })
  const { results, complete } = await search('fp8 FLUX')
  expect(complete).toBe(true)
  expect(results).toMatchObject([
    {
      path: 'input/Deep Folder/x/Flux-Dev FP8.safetensors',
      name: 'Flux-Dev FP8.safetensors',
      kind: 'file',
      size: 3,
    },
  ])
  expect((await search('deep folder')).results).toMatchObject([{ path: 'input/Deep Folder', kind: 'folder' }])
  expect((await search('slipway')).results).toEqual([])
  expect((await search('flux', { path: 'input/Deep Folder' })).results).toHaveLength(1)
  expect(await search('  ')).toEqual({ results: [], complete: true })
})

test('a search that finds more than was asked for says that there is more', async () => {
  const { at, search } = await withFolder()
  for (let index = 0; index < 5; index++) await writeFile(at(`found-${index}`), '')
  expect(await search('found', { limit: '3' })).toMatchObject({ results: { length: 3 }, complete: false })
  expect(await search('found', { limit: '5' })).toMatchObject({ results: { length: 5 }, complete: true })
})
