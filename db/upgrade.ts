import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { syncName } from '../durable'
import { withLock } from '../scripts/steps/lock.mjs'
import { copyDatabase } from './database-copy'
import { draftIn, removeOldDrafts } from './drafts'
import type { Clock, Db } from './open'
import { migrateDb, schemaVersions } from './schema-version'

const KEPT = 3
const DRAFT = 'upgrade.part-'
const COPY = /^before-\d+-\d{8}T\d{6}\d{3}Z\.db$/

interface Upgrade {
  db: Db
  dataDir: string
  clock: Clock
  say(line: string): void
}

/**
 * Brings an existing database to this program's schema, after a copy was made below `backups` in the data folder.
 * @throws SchemaVersionError when the database is a newer version's; whatever keeps the copy from being made, and
 * then nothing was changed
 */
export async function upgradeDb({ db, dataDir, clock, say }: Upgrade): Promise<void> {
  if (!isBehind(db)) return migrateDb(db)
  const onWait = (pid: number) => say(`Waiting for the upgrade by process ${pid} …`)
  await withLock(join(dataDir, 'upgrade.lock'), { onWait }, async () => {
    if (isBehind(db))
      say(`Upgrading the database; as it was it is kept in ${await keepCopy(db, dataDir, clock)}`)
    migrateDb(db)
  })
}

function isBehind(db: Db): boolean {
  const { applied, known } = schemaVersions(db)
  return applied > 0 && applied < known
}

async function keepCopy(db: Db, dataDir: string, clock: Clock): Promise<string> {
  const folder = join(dataDir, 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const time = new Date(clock()).toISOString().replace(/[-:.]/g, '')
  const file = join(folder, `before-${schemaVersions(db).known}-${time}.db`)
  removeOldDrafts(folder, DRAFT, clock)
  const draft = draftIn(folder, DRAFT)
  try {
    await copyDatabase(db, draft)
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
  syncName(file)
  dropOldCopies(folder)
  return file
}

function dropOldCopies(folder: string): void {
  const timeOf = (name: string) => name.split('-')[2] ?? ''
  const copies = readdirSync(folder).filter((name) => COPY.test(name))
  copies.sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
  for (const name of copies.slice(KEPT)) rmSync(join(folder, name))
}
