import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { TrashView } from '~/filebrowser/contract'
import { onceEach } from '~/filebrowser/once-each'
import { removeTree } from '~/filebrowser/workspace/remove-tree'
import { noMount, smallDisk } from '../support/small-disk'
import { until } from '../support/until'
import { startFilebrowser } from './harness'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

const mountTmpfs = (path: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'slipway-test', path])
const unmount = (path: string) => execFileSync('umount', ['-l', path])

test.skipIf(noMount)(
  'a full disk can be emptied: what was deleted before makes way, then nothing is kept',
  async () => {
    const disk = smallDisk(2)
    const { call, workspace, filesOnDisk } = await startFilebrowser()
    for (const name of ['old', 'new', 'last']) await writeFile(join(workspace, name), Buffer.alloc(20_000))
    const trashed = async (): Promise<TrashView[]> => (await call('GET', 'trash')).json
    await call('POST', 'trash', { paths: ['old'] })
    disk.fill()
    const second = await call('POST', 'trash', { paths: ['new'] })
    expect(second.json).toMatchObject({ paths: ['new'], notice: null })
    expect((await trashed()).map(({ paths }) => paths)).toEqual([['new']])

    expect((await call('DELETE', 'trash')).status).toBe(204)
    disk.fill()
    const { status, json } = await call('POST', 'trash', { paths: ['last'] })
    expect([status, json.paths, json.purgedAt]).toEqual([200, [], json.deletedAt])
    expect(json.notice).toMatch(/disk is full.*deleted for good/)
    expect(await trashed()).toEqual([])
    expect(await filesOnDisk()).toEqual([])
    expect(await readdir(join(workspace, '.slipway/trash'))).toEqual([])
  },
)

test.skipIf(noMount)(
  'a deletion that fails half way loses nothing: what can’t go back can be restored',
  async () => {
    // From the lower layer of an overlay a folder is copied, and then a disk in it keeps its old place from going.
    const base = await mkdtemp(join(tmpdir(), 'filebrowser-overlay-'))
    mountTmpfs(base)
    const workspace = join(base, 'merged')
    for (const name of ['lower/mine/disk', 'upper', 'work', 'merged'])
      await mkdir(join(base, name), { recursive: true })
    await writeFile(join(base, 'lower/mine/a.txt'), 'a')
    const layers = `lowerdir=${base}/lower,upperdir=${base}/upper,workdir=${base}/work`
    execFileSync('mount', ['-t', 'overlay', 'slipway-test', '-o', layers, workspace])
    mountTmpfs(join(workspace, 'mine/disk'))
    onTestFinished(async () => {
      for (const path of [join(workspace, 'mine/disk'), workspace, base]) unmount(path)
      await rm(base, { recursive: true })
    })
    const { call, filesOnDisk, close } = await startFilebrowser({ workspace })
    onTestFinished(close)
    await writeFile(join(workspace, 'mine/disk/b.txt'), 'b')

    expect((await call('POST', 'trash', { paths: ['mine'] })).json.error.code).toBe('busy')
    const [view] = (await call('GET', 'trash')).json
    expect(view).toMatchObject({ paths: ['mine'], size: 2 })
    await call('POST', `trash/${view.id}/restore`)
    expect(await filesOnDisk()).toEqual(['mine (restored)/a.txt', 'mine (restored)/disk/b.txt'])
    expect(await readFile(join(workspace, 'mine (restored)/a.txt'), 'utf8')).toBe('a')
  },
)

test.skipIf(noMount)('what can’t be purged keeps nothing else from being purged, and is logged', async () => {
  let ahead = 0
  const options = { now: () => Date.now() + ahead }
  const { call, workspace, close } = await startFilebrowser(options)
  const trash = join(workspace, '.slipway/trash')
  const names = ['first', 'second', 'third']
  const ids: string[] = []
  for (const name of names) {
    await mkdir(join(workspace, name, 'disk'), { recursive: true })
    if (name !== 'third') mountTmpfs(join(workspace, name, 'disk'))
    ids.push((await call('POST', 'trash', { paths: [name] })).json.id)
    ahead += 1000
  }
  onTestFinished(() => {
    for (const id of ids.slice(0, 2)) unmount(join(trash, `${id}.gone/0/disk`))
  })
  await close()
  ahead += 31 * 60_000
  const { log, call: callAgain } = await startFilebrowser({ ...options, workspace })
  await until('all have been tried', async () => log.filter((line) => /EBUSY/.test(line)).length === 2)
  await until('the third has gone', async () =>
    (await readdir(trash)).every((name) => !name.startsWith(ids[2] ?? '')),
  )
  expect((await callAgain('GET', 'trash')).json).toEqual([])
})

test('a fault that comes back every minute is logged once', () => {
  const told: unknown[] = []
  const onFault = onceEach((error) => told.push(error))
  for (const text of ['EBUSY a', 'EBUSY b', 'EBUSY a']) onFault(new Error(text))
  expect(told.map(String)).toEqual(['Error: EBUSY a', 'Error: EBUSY b'])
})

test('folders of ours that nobody may write to are removed all the same', async () => {
  const top = await mkdtemp(join(tmpdir(), 'filebrowser-'))
  const folders = ['set/deep/deeper', 'set/deep', 'set'].map((path) => join(top, path))
  await mkdir(folders[0] as string, { recursive: true })
  await writeFile(join(top, 'set/deep/deeper/a.txt'), 'a')
  if (isRoot) for (const path of [top, ...folders]) await chown(path, NOBODY, NOBODY)
  for (const path of folders) await chmod(path, path.endsWith('deeper') ? 0 : 0o555)
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    await removeTree(join(top, 'set'))
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
  expect(await readdir(top)).toEqual([])
  await rm(top, { recursive: true })
})
