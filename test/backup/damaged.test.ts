import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { sql } from 'drizzle-orm'
import { extract, type Headers, pack } from 'tar-stream'
import { expect, test } from 'vitest'
import { openDb } from '~/db/open'
import { backup, filesIn, installationWithSave, restore } from './site'

async function withBackup() {
  const site = installationWithSave()
  const tar = join(site.folder, 'one.tar')
  await backup(site.dataDir, tar)
  const elsewhere = join(site.folder, 'elsewhere')
  return { ...site, tar, elsewhere, bytes: readFileSync(tar) }
}

interface Entry {
  header: Headers
  content: Buffer
}

/** The backup again, with other entries; its manifest is made to fit when told. */
async function rewrite(tar: string, change: (entries: Entry[]) => Entry[]): Promise<void> {
  const entries: Entry[] = []
  const reader = extract().on('entry', async (header, stream, next) => {
    entries.push({ header, content: await buffer(stream) })
    next()
  })
  reader.end(readFileSync(tar))
  await new Promise((resolve) => reader.once('finish', resolve))
  const writer = pack()
  for (const { header, content } of change(entries))
    writer.entry(
      { name: header.name, type: header.type ?? 'file', linkname: header.linkname ?? null },
      content,
    )
  writer.finalize()
  writeFileSync(tar, await buffer(writer))
}

const entry = (name: string, content: string, header: Partial<Headers> = {}): Entry => ({
  header: { name, ...header },
  content: Buffer.from(content),
})

test('a bit that flipped anywhere is found, or changes nothing', async () => {
  const { bytes, tar, folder, elsewhere, dataDir } = await withBackup()
  const keysFile = join(dataDir, 'token-keys')
  const refused: boolean[] = []
  for (let n = 0; n < 12; n++) {
    const flipped = Buffer.from(bytes)
    // In a header, amid the database, in the save, in the manifest and its seal, and in between.
    const at = n === 0 ? 10 : n === 1 ? bytes.length - 1500 : Math.floor((bytes.length * n) / 12)
    flipped[at] = (flipped[at] ?? 0) ^ 16
    writeFileSync(tar, flipped)
    const outcome = await restore(elsewhere, tar, { keysFile }).then(
      () => 'restored',
      (error) => String(error.message),
    )
    if (outcome !== 'restored') {
      expect(outcome).toMatch(/is damaged, or not a backup: .*Nothing was changed\.$/)
      expect(filesIn(elsewhere)).toEqual({})
    }
    refused.push(outcome !== 'restored')
    rmSync(elsewhere, { recursive: true })
  }
  expect(refused.filter(Boolean).length).toBeGreaterThanOrEqual(10)
  writeFileSync(join(folder, 'whole.tar'), bytes)
  await restore(elsewhere, join(folder, 'whole.tar'), { keysFile })
})

test.each([
  ['in the middle of a file', (length: number) => Math.floor(length / 2)],
  ['before its manifest', (length: number) => length - 4096],
  ['at its beginning', () => 0],
])('a backup that was cut off %s is refused, and what is there stays', async (_where, cut) => {
  const { bytes, tar, dataDir, db } = await withBackup()
  db.$client.close()
  const before = filesIn(dataDir)
  writeFileSync(tar, bytes.subarray(0, cut(bytes.length)))
  await expect(restore(dataDir, tar, { replace: true })).rejects.toThrow('is damaged, or not a backup')
  expect(filesIn(dataDir)).toEqual(before)
})

test.each<[string, (entries: Entry[]) => Entry[]]>([
  ['leads outside', (all) => [entry('../outside', 'x'), ...all]],
  ['leads outside below a good name', (all) => [entry('saves/../../outside', 'x'), ...all]],
  ['is absolute', (all) => [entry('/tmp/slipway-test-outside', 'x'), ...all]],
  ['is a link', (all) => [entry('saves', '', { type: 'symlink', linkname: '/tmp' }), ...all]],
  ['brings keys', (all) => [entry('token-keys', 'x'), ...all]],
  ['is there twice', (all) => [...all.slice(0, 1), ...all]],
  ['is not in the manifest', (all) => [entry('results/a/b/0', 'x'), ...all]],
  ['is missing', (all) => all.slice(1)],
  ['comes after the end', (all) => [...all, entry('results/a/b/0', 'x')]],
])('a backup with an entry that %s is refused, and nothing of it stays', async (_what, change) => {
  const { tar, elsewhere, folder } = await withBackup()
  await rewrite(tar, change)
  const before = filesIn(folder)
  await expect(restore(elsewhere, tar)).rejects.toThrow('is damaged, or not a backup')
  expect(filesIn(folder)).toEqual(before)
})

test('a database of a newer version, or with rows that belong to nothing, is refused', async () => {
  const { db, dataDir, folder, elsewhere, admin } = installationWithSaveAndFolder()
  db.run(sql`insert into __drizzle_migrations (hash, created_at) values ('of the next version', 1)`)
  await backup(dataDir, join(folder, 'newer.tar'))
  await expect(restore(elsewhere, join(folder, 'newer.tar'))).rejects.toThrow('was made by a newer Slipway')
  db.run(sql`delete from __drizzle_migrations where hash = 'of the next version'`)
  db.$client.pragma('foreign_keys = OFF')
  db.run(sql`delete from users where id = ${admin.id}`)
  await backup(dataDir, join(folder, 'torn.tar'))
  await expect(restore(elsewhere, join(folder, 'torn.tar'))).rejects.toThrow('belongs to none of users')
  expect(filesIn(elsewhere)).toEqual({})
})

function installationWithSaveAndFolder() {
  const site = installationWithSave()
  return { ...site, elsewhere: join(site.folder, 'elsewhere') }
}

test('what is not a database, or one that is torn, is refused', async () => {
  const { db, folder, dataDir, elsewhere } = installationWithSaveAndFolder()
  const copy = join(folder, 'copy.db')
  await db.$client.backup(copy)
  const bytes = readFileSync(copy)
  writeFileSync(
    copy,
    Buffer.concat([bytes.subarray(0, 8192), createHash('sha512').digest(), bytes.subarray(8256)]),
  )
  await expect(restore(elsewhere, copy)).rejects.toThrow(/database in the backup (is damaged|can't be used)/)
  await expect(restore(elsewhere, join(dataDir, 'token-keys'))).rejects.toThrow('is damaged, or not a backup')
  expect(filesIn(elsewhere)).toEqual({})
  openDb(join(dataDir, 'slipway.db')).$client.close()
})
