import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TrashView } from '~/filebrowser/contract'
import { until } from '../support/until'
import { startFilebrowser } from './harness'

const MINUTE_MS = 60_000

async function withFiles(options: Parameters<typeof startFilebrowser>[0] = {}) {
  const started = await startFilebrowser(options)
  await mkdir(join(started.workspace, 'mine/deep'), { recursive: true })
  await writeFile(join(started.workspace, 'mine/deep/a.txt'), 'a')
  await writeFile(join(started.workspace, 'b.txt'), 'bb')
  const trashed = async (): Promise<TrashView[]> => (await started.call('GET', 'trash')).json
  return { ...started, trashed }
}

test('what was deleted comes back to where it was, with all that was in it', async () => {
  const { call, filesOnDisk, trashed } = await withFiles()
  const { status, json } = await call('POST', 'trash', { paths: ['mine', 'b.txt'] })
  expect([status, json.paths, json.size]).toEqual([200, ['mine', 'b.txt'], 3])
  expect(await filesOnDisk()).toEqual([])
  const { notice, ...view } = json
  expect(notice).toBeNull()
  expect(await trashed()).toEqual([view])
  expect((await call('POST', `trash/${json.id}/restore`)).json).toEqual({ paths: ['mine', 'b.txt'] })
  expect(await filesOnDisk()).toEqual(['b.txt', 'mine/deep/a.txt'])
  expect(await trashed()).toEqual([])
  expect((await call('POST', `trash/${json.id}/restore`)).json.error.code).toBe('not_found')
})

test('what comes back never replaces what has taken its name or its folder meanwhile', async () => {
  const { call, filesOnDisk, workspace } = await withFiles()
  const { json } = await call('POST', 'trash', { paths: ['b.txt', 'mine/deep/a.txt'] })
  await writeFile(join(workspace, 'b.txt'), 'new')
  await rm(join(workspace, 'mine'), { recursive: true })
  const restored = await call('POST', `trash/${json.id}/restore`)
  expect(restored.json.paths).toEqual(['b (restored).txt', 'mine/deep/a.txt'])
  expect(await filesOnDisk()).toEqual(['b (restored).txt', 'b.txt', 'mine/deep/a.txt'])
  expect(await readFile(join(workspace, 'b.txt'), 'utf8')).toBe('new')
})

test('what was deleted is purged after 30 minutes and not before, also by a later start', async () => {
  let ahead = 0
  const options = { now: () => Date.now() + ahead }
  const { call, workspace, close, trashed } = await withFiles(options)
  const { json } = await call('DELETE', 'files?path=b.txt').then(() => call('GET', 'trash'))
  expect(Date.parse(json[0].purgedAt) - Date.parse(json[0].deletedAt)).toBe(30 * MINUTE_MS)
  await close()

  ahead = 29 * MINUTE_MS
  const second = await startFilebrowser({ ...options, workspace })
  expect((await second.call('GET', 'trash')).json).toEqual(json)
  await second.close()

  ahead = 31 * MINUTE_MS
  await startFilebrowser({ ...options, workspace })
  await until('purged', async () => (await readdir(join(workspace, '.slipway/trash'))).length === 0)
  await expect(trashed()).rejects.toThrow()
})

test('one deletion, or all of them, can be made final at once', async () => {
  const { call, trashed, workspace } = await withFiles()
  const { json } = await call('POST', 'trash', { paths: ['b.txt'] })
  await call('POST', 'trash', { paths: ['mine'] })
  expect((await call('DELETE', `trash/${json.id}`)).status).toBe(204)
  expect((await trashed()).map(({ paths }) => paths)).toEqual([['mine']])
  expect((await call('DELETE', 'trash')).status).toBe(204)
  expect(await readdir(join(workspace, '.slipway/trash'))).toEqual([])
  expect((await call('DELETE', `trash/${json.id}`)).status).toBe(404)
})

test('what was deleted goes for good where an upload needs its room, the oldest first, and not for nothing', async () => {
  let time = Date.now()
  let trash = ''
  let oldest = ''
  const freeBytes = async () => (oldest && !(await readdir(trash)).includes(oldest) ? 3 : 1)
  const { call, trashed, workspace } = await withFiles({ freeBytes, now: () => time++ })
  trash = join(workspace, '.slipway/trash')
  await call('POST', 'trash', { paths: ['b.txt'] })
  await call('POST', 'trash', { paths: ['mine'] })
  oldest = (await trashed()).at(-1)?.id as string

  expect((await call('PUT', 'file?path=c.txt', '12345')).json.error.code).toBe('disk_full')
  expect(await trashed()).toHaveLength(2)
  expect((await call('PUT', 'file?path=c.txt', '123')).status).toBe(204)
  expect((await trashed()).map(({ paths }) => paths)).toEqual([['mine']])
})

test('a kill in the middle of a deletion leaves every entry in one of the two places', async () => {
  const { call, workspace, filesOnDisk, close } = await withFiles()
  const { json } = await call('POST', 'trash', { paths: ['b.txt', 'mine'] })
  await close()
  // As a kill between the two leaves it: the second has not moved yet; another deletion had only begun.
  const trash = join(workspace, '.slipway/trash')
  await rename(join(trash, json.id, '1'), join(workspace, 'mine'))
  await mkdir(join(trash, 'begun.new'))

  const again = await startFilebrowser({ workspace })
  const [view] = (await again.call('GET', 'trash')).json
  expect(view).toMatchObject({ id: json.id, paths: ['b.txt'] })
  await again.call('POST', `trash/${json.id}/restore`)
  expect(await filesOnDisk()).toEqual(['b.txt', 'mine/deep/a.txt'])
})

test('several are deleted together or not at all, and a folder takes what was chosen in it along', async () => {
  const { call, filesOnDisk, trashed } = await withFiles()
  expect((await call('POST', 'trash', { paths: ['b.txt', 'gone.txt'] })).json.error.code).toBe('not_found')
  expect(await filesOnDisk()).toEqual(['b.txt', 'mine/deep/a.txt'])
  expect(await trashed()).toEqual([])
  expect((await call('POST', 'trash', { paths: ['mine/deep/a.txt', 'mine'] })).json.paths).toEqual(['mine'])
  expect((await call('POST', 'trash', { paths: [] })).json.error.code).toBe('bad_request')
  expect((await call('POST', 'trash', { paths: [''] })).json.error.code).toBe('bad_path')
})

test('a link is deleted and comes back as the link, and what it leads to is not touched', async () => {
  const outside = await withFiles()
  const { call, workspace } = await withFiles()
  await symlink(outside.workspace, join(workspace, 'out'))
  const { json } = await call('POST', 'trash', { paths: ['out'] })
  expect(json.size).toBe(0)
  await call('POST', `trash/${json.id}/restore`)
  await call('POST', 'trash', { paths: ['out'] })
  await call('DELETE', 'trash')
  expect(await outside.filesOnDisk()).toEqual(['b.txt', 'mine/deep/a.txt'])
})

test('the trash itself is not one of the folders', async () => {
  const { call } = await withFiles()
  const { json } = await call('POST', 'trash', { paths: ['b.txt'] })
  const names = (await call('GET', 'files?path=')).json.entries.map(({ name }: { name: string }) => name)
  expect(names).not.toContain('.slipway')
  for (const id of ['..', '../../mine', `${json.id}/../x`, '%2e%2e'])
    expect((await call('DELETE', `trash/${encodeURIComponent(id)}`)).status).toBe(404)
})
