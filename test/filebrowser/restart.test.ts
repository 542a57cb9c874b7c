import { access, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '~/filebrowser/downloads/store'
import { Refusal } from '~/filebrowser/refusal'
import { partPath } from '~/filebrowser/workspace/parts'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { HUB, openQueue, writeRecord } from './queue-harness'

const DAY_MS = 24 * 3600 * 1000

test('a new process goes on with what ran, waits on with what waited, and leaves paused what was paused', async () => {
  const before = await openQueue()
  const [a = '', b = '', c = '', d = '', e = ''] = await before.add('a', 'b', 'c', 'd', 'e')
  await before.transferOf('a').find(100, 40)
  await before.transferOf('b').find(100, 30)
  await before.downloads.act('pause', [b])
  before.transferOf('c').fail(new Refusal('rate_limited', 'Too many.', undefined, 60))
  await before.settled('downloading', 'paused', 'waiting', 'checking', 'queued')
  before.transferOf('d').finish()
  await before.settled('downloading', 'paused', 'waiting', 'done', 'queued')
  await before.downloads.close()

  const after = await openQueue({ folder: before.folder })
  expect(after.states()).toEqual(['checking', 'paused', 'waiting', 'done', 'checking'])
  expect(after.downloads.list().map(({ id }) => id)).toEqual([e, d, c, b, a])
  expect(after.transferOf('a').request).toMatchObject({ id: a, known: { size: 100, version: 'v1' } })
  expect(after.view(b)).toMatchObject({ received: 30, size: 100 })
  after.timers.advance(60_000)
  await after.settled('checking', 'paused', 'checking', 'done', 'checking')
  expect((await after.add('f'))[0]).not.toBe(e)
  expect(after.downloads.list()[0]?.name).toBe('f')
})

test('what was canceled and removed while its transfer still ended does not come back', async () => {
  let end = () => {}
  const before = await openQueue({
    fetch: (request, { onFile }, signal) =>
      new Promise((_resolve, reject) => {
        const content = { folder: 'input', name: 'a', size: 7, sha256: null, version: null, etag: null }
        void onFile({ ...content, pickle: false })
        end = () => reject(signal.reason)
        void writeFile(partPath(join(before.workspace.root, 'input'), request.id), 'half')
      }),
  })
  const [a = ''] = await before.add('a')
  await until('a part is there', async () => (await before.parts()).length === 1)
  const canceling = before.downloads.drop(a)
  await before.downloads.drop(a)
  expect(before.downloads.list()).toEqual([])
  end()
  await canceling
  await before.downloads.close()
  expect(await before.parts()).toEqual([])
  const after = await openQueue({ folder: before.folder })
  expect(after.downloads.list()).toEqual([])
})

test('what is known of a file is on the disk before its first byte, readable to its owner alone', async () => {
  const { folder, add, transferOf } = await openQueue()
  const [a] = await add('a')
  const { progress } = transferOf('a')
  const content = { folder: 'input', name: 'a', size: 7, sha256: 'e'.repeat(64), version: null, etag: '"x"' }
  await progress.onFile({ ...content, pickle: false })
  const path = join(folder, '.slipway/downloads', `${a}.json`)
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ state: 'checking', content })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('ticks of progress write nothing to the disk', async () => {
  const { folder, add, transferOf, downloads, timers } = await openQueue()
  const [a] = await add('a')
  await transferOf('a').find()
  const path = join(folder, '.slipway/downloads', `${a}.json`)
  await until('it is written that it runs', async () =>
    (await readFile(path, 'utf8')).includes('downloading'),
  )
  const { ino } = await stat(path)
  for (let received = 1; received <= 50; received++) {
    timers.advance(1000)
    transferOf('a').progress.onBytes(received)
  }
  await downloads.act('pause', ['none'])
  expect((await stat(path)).ino).toBe(ino)
})

test('a damaged record and one of another version are put aside with a word, and the others live', async () => {
  const before = await openQueue()
  const [a = ''] = await before.add('a')
  await before.downloads.close()
  const good = await readFile(join(before.folder, '.slipway/downloads', `${a}.json`), 'utf8')
  const names = [1, 2, 3].map((digit) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000.json`)
  await writeRecord(before.folder, names[0] ?? '', good.slice(0, 100))
  await writeRecord(before.folder, names[1] ?? '', good.replace('"version":1', '"version":2'))
  // Right in itself, but of another download.
  await writeRecord(before.folder, names[2] ?? '', good)
  const after = await openQueue({ folder: before.folder })
  expect(after.downloads.list().map(({ id }) => id)).toEqual([a])
  expect(after.log).toHaveLength(3)
  for (const name of names) expect(after.log.join('\n')).toContain(`damaged/${name}`)
  expect((await readdir(join(before.folder, '.slipway/downloads/damaged'))).sort()).toEqual(names)
})

test('a host that is not allowed any more fails its downloads with the reason, not the start', async () => {
  const before = await openQueue()
  const [a = ''] = await before.add('a')
  await before.downloads.close()
  const path = join(before.folder, '.slipway/downloads', `${a}.json`)
  await writeFile(path, (await readFile(path, 'utf8')).replace('huggingface.co', 'gone.example'))
  const after = await openQueue({ folder: before.folder })
  await after.settled('failed')
  expect(after.view(a).error?.code).toBe('host_not_allowed')
})

test('half-written files of nobody go after a week; those of a download, and young ones of others, stay', async () => {
  const before = await openQueue()
  const [a = ''] = await before.add('a')
  await before.transferOf('a').find(100, 10)
  await before.downloads.act('pause', [a])
  await before.downloads.close()
  const folder = join(before.workspace.root, 'models/checkpoints')
  const [own, old, young] = [a, 'of-nobody', 'of-another-machine'].map((id) => partPath(folder, id)) as [
    string,
    string,
    string,
  ]
  for (const [path, days] of [
    [own, 30],
    [old, 8],
    [young, 6],
  ] as const) {
    await writeFile(path, 'half')
    const at = (before.timers.now() - days * DAY_MS) / 1000
    await utimes(path, at, at)
  }
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    )
  const after = await openQueue({ folder: before.folder })
  await until('the old one is gone', async () => !(await isThere(old)))
  // Marked as in use, for other machines that look at a shared folder.
  await until('the own one is young', async () => (await stat(own)).mtimeMs === after.timers.now())
  expect(await isThere(young)).toBe(true)
})

test('2,000 files are queued, and read again by a new process, each exactly once', async () => {
  const before = await openQueue()
  const files = Array.from({ length: 2000 }, (_, index) => ({ source: `${HUB}/${index}` }))
  const { downloads: views } = await before.downloads.add(files)
  expect(views).toHaveLength(2000)
  await before.downloads.close()
  const after = await openQueue({ folder: before.folder })
  expect(after.downloads.list().map(({ id }) => id)).toEqual(views.map(({ id }) => id).reverse())
  expect(after.states().slice(0, 5)).toEqual(['checking', 'checking', 'checking', 'queued', 'queued'])
})

test('a full disk refuses what is new, and neither loses nor stops what is there', async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  let isFull = false
  const folder = temporaryFolder()
  const real = openStore(join(folder.path, '.slipway/downloads'))
  const save: typeof real.save = (record) => (isFull ? Promise.reject(full) : real.save(record))
  const { add, downloads, settled, faults } = await openQueue({ store: { ...real, save } })
  const [a = ''] = await add('a')
  isFull = true
  const { downloads: views, refused } = await downloads.add([{ source: `${HUB}/b` }])
  expect([views, refused[0]?.error.code]).toEqual([[], 'disk_full'])
  await downloads.act('cancel', [a])
  await settled('canceled')
  expect(faults.length).toBeGreaterThan(0)
  folder.remove()
})
