import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { copyDatabase, databaseBytes } from '../db/database-copy'
import { draftIn, removeOldDrafts } from '../db/drafts'
import { canaryKeyId, tokenKeyIds } from '../db/key-use'
import { type Clock, type Db, openDb } from '../db/open'
import { installationId } from '../db/restored'
import { migrateDb, schemaVersions } from '../db/schema-version'
import { syncName, syncToDisk } from '../durable'
import { formatBytes } from '../format-bytes'
import { bytesOf, type Content, contentsOf, pathIn } from './contents'
import {
  BackupError,
  DATABASE,
  FORMAT,
  type ListedFile,
  MANIFEST,
  type Manifest,
  SEAL,
  SIZES,
} from './format'
import { packFile, packText } from './pack'

/** Headers of the tar and what else is small. */
const RESERVE_BYTES = 16 * 1024 ** 2
const DRAFT = '.slipway-backup-'

export interface BackupDeps {
  db: Db
  dataDir: string
  sizesFile: string
  /** Of this program. */
  version: string
  clock: Clock
  say(line: string): void
  /** Told of a copy of the database in this program's schema before the long part; what it throws ends the backup. */
  onCopied?(copy: Db): void
  /** Told how much of the bytes is packed. */
  onProgress(done: number, total: number): void
}

/**
 * Writes a backup while Slipway runs or not: the database as it is at one moment, and the files that it speaks of.
 * The file gets its name when all of it is on disk.
 * @throws BackupError when the file is there already, or there is too little room
 */
export async function createBackup(deps: BackupDeps, to: string): Promise<Manifest> {
  const { db, say, clock } = deps
  if (existsSync(to)) throw new BackupError(`${to} is there already. Choose another name with --to.`)
  if (schemaVersions(db).applied === 0 || installationId(db) === undefined)
    throw new BackupError('The database is empty: `npm start` has never come to its end.')
  const folder = dirname(to)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  removeOldDrafts(folder, DRAFT, clock)
  // The copy is there beside the tar until that has all of it.
  await assertRoom(folder, 2 * databaseBytes(db))
  const draft = draftIn(folder, DRAFT)
  mkdirSync(draft, { mode: 0o700 })
  const removeDraft = () => rmSync(draft, { recursive: true, force: true })
  process.once('exit', removeDraft)
  try {
    say(`Copying the database, ${formatBytes(databaseBytes(db))} …`)
    const copy = join(draft, DATABASE)
    await copyDatabase(db, copy)
    const tar = join(draft, 'backup.tar')
    const manifest = await packAll(deps, copy, tar)
    if (existsSync(to)) throw new BackupError(`${to} came up meanwhile. Choose another name with --to.`)
    renameSync(tar, to)
    syncName(to)
    return manifest
  } finally {
    removeDraft()
    process.off('exit', removeDraft)
  }
}

async function assertRoom(folder: string, bytes: number): Promise<void> {
  const needed = bytes + RESERVE_BYTES
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < needed)
    throw new BackupError(
      `${folder} has room for ${formatBytes(bavail * bsize)}, and the backup needs ${formatBytes(needed)}. Make room, or choose another place with --to.`,
    )
}

async function packAll(deps: BackupDeps, copy: string, out: string): Promise<Manifest> {
  const { facts, contents } = await look(deps, copy)
  const total = bytesOf(contents) + statSync(copy).size
  await assertRoom(dirname(copy), total)
  deps.say(`Packing ${contents.length} files of cloud saves and results, ${formatBytes(bytesOf(contents))} …`)
  let done = 0
  const onBytes = (count: number) => {
    done += count
    deps.onProgress(done, total)
  }
  const tar = pack()
  const written = pipeline(tar, createWriteStream(out, { flags: 'wx', mode: 0o600 }))
  const fill = async () => {
    const files: ListedFile[] = []
    const missing: string[] = []
    const add = async (name: string, path: string) => {
      const file = await packFile(tar, name, path, onBytes)
      if (file) files.push(file)
      else missing.push(name)
      return file
    }
    await add(DATABASE, copy)
    if (existsSync(deps.sizesFile)) await add(SIZES, deps.sizesFile)
    for (const content of contents) {
      const file = await add(content.name, pathIn(deps.dataDir, content))
      complain(deps, content, file)
    }
    const manifest: Manifest = { ...facts, files, missing }
    const text = `${JSON.stringify(manifest, null, 1)}\n`
    await packText(tar, MANIFEST, text)
    await packText(tar, SEAL, createHash('sha256').update(text).digest('hex'))
    tar.finalize()
    return manifest
  }
  const [manifest] = await Promise.all([fill(), written])
  syncToDisk(out)
  return manifest
}

async function look({ version, clock, onCopied }: BackupDeps, copy: string) {
  const readable = `${copy}.read`
  const { db, applied } = await openReadable(copy, readable)
  try {
    onCopied?.(db)
    const id = installationId(db) ?? ''
    const keys = [...new Set([canaryKeyId(db) ?? '', ...tokenKeyIds(db)])]
    return {
      contents: contentsOf(db),
      facts: {
        format: FORMAT,
        slipway: version,
        schema: applied,
        installation: id,
        takenAt: new Date(clock()).toISOString(),
        keys,
      } as const,
    }
  } finally {
    // The last connection puts everything into the one file.
    db.$client.close()
    rmSync(readable, { force: true })
  }
}

/** One of the version before is backed up as it is, and read from a further copy in the schema of now. */
async function openReadable(copy: string, readable: string): Promise<{ db: Db; applied: number }> {
  const db = openDb(copy)
  const { applied, known } = schemaVersions(db)
  if (applied >= known) return { db, applied }
  try {
    await copyDatabase(db, readable)
  } finally {
    db.$client.close()
  }
  const migrated = openDb(readable)
  migrateDb(migrated)
  return { db: migrated, applied }
}

function complain({ say }: BackupDeps, content: Content, file: ListedFile | undefined): void {
  if (!file) say(`${content.name} is not there, or was deleted meanwhile: the backup is without it.`)
  else if (
    (content.bytes !== null && file.bytes !== content.bytes) ||
    (content.sha256 !== null && file.sha256 !== content.sha256)
  )
    say(`${content.name} is not what was saved: it is damaged on the disk, and in the backup.`)
}
