import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { syncToDisk } from '../../durable'
import { DATABASE, SIZES } from '../format'
import { assertMovable } from './movable'

/**
 * How a restored folder takes the place of what was there. Everything is made ready in a folder beside it; then a
 * mark is set, and from there on a restore that is cut off is finished by the next start.
 */

const READY = 'ready'
/** Each may be there or not; what isn't in the backup stays as it is. */
const NAMES = ['saves', 'results', 'token-keys', SIZES, DATABASE]
/** What SQLite would take for a part of the restored database. */
const OF_DATABASE = [`${DATABASE}-wal`, `${DATABASE}-shm`, `${DATABASE}-journal`]

const replacedBy = (name: string): string[] => (name === DATABASE ? [...OF_DATABASE, name] : [name])

/** Where a restore makes ready what it will put in place. */
export const stagingFolder = (dataDir: string) => join(dataDir, 'restore.part')

/** Removes what a restore began and didn't get ready. */
export function dropStaging(dataDir: string): void {
  const staging = stagingFolder(dataDir)
  if (!existsSync(join(staging, READY))) rmSync(staging, { recursive: true, force: true })
}

/**
 * Puts what is ready in the place of what is there, which goes into a folder of its own.
 * @param aside name of that folder in the data folder
 * @throws BackupError when it can't be put there, and then nothing is changed
 */
export function place(dataDir: string, aside: string): void {
  const staging = stagingFolder(dataDir)
  assertMovable(dataDir, NAMES.filter((name) => existsSync(join(staging, name))).flatMap(replacedBy))
  const draft = join(staging, `${READY}.part`)
  writeFileSync(draft, aside, { flush: true })
  syncToDisk(staging)
  renameSync(draft, join(staging, READY))
  syncToDisk(staging)
  finishRestore(dataDir)
}

/** Ends a restore that was cut off once everything was ready. @returns whether there was one */
export function finishRestore(dataDir: string): boolean {
  const staging = stagingFolder(dataDir)
  const mark = join(staging, READY)
  if (!existsSync(mark)) return false
  const aside = join(dataDir, readFileSync(mark, 'utf8'))
  for (const name of NAMES) {
    if (!existsSync(join(staging, name))) continue
    for (const old of replacedBy(name)) putAside(dataDir, aside, old)
    renameSync(join(staging, name), join(dataDir, name))
  }
  if (existsSync(aside)) syncToDisk(aside)
  syncToDisk(dataDir)
  rmSync(mark)
  rmSync(staging, { recursive: true, force: true })
  return true
}

function putAside(dataDir: string, aside: string, name: string): void {
  const from = join(dataDir, name)
  const to = join(aside, name)
  if (!existsSync(from)) return
  if (existsSync(to))
    throw new Error(
      `A restore was cut off, and now both ${from} and ${to} are there. Move the first away, and start again.`,
    )
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  renameSync(from, to)
}
