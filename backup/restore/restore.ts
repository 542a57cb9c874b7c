import { existsSync, mkdirSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { closeAlone } from '../../db/database-check'
import type { KeySettings } from '../../db/key-file'
import type { Clock, Db } from '../../db/open'
import { installationId, settleRestored } from '../../db/restored'
import { syncToDisk } from '../../durable'
import { formatBytes } from '../../format-bytes'
import { BackupError, DATABASE, SIZES } from '../format'
import { checkKeys, openChecked } from './check'
import { closeOld } from './old'
import { dropStaging, finishRestore, place, stagingFolder } from './place'
import { stage } from './stage'

/** What the database needs besides while it is brought to this version. */
const RESERVE_BYTES = 64 * 1024 ** 2

export interface RestoreDeps {
  settings: KeySettings
  clock: Clock
  say(line: string): void
}

export interface RestoreRequest {
  /** A backup, or a copy of the database alone. */
  backup: string
  keysFile: string | undefined
  /** Whether a Slipway that is there may be put aside. */
  replace: boolean
  /** Whether the installation that the backup is of is gone, and this goes on in its place. */
  takeOver: boolean
}

/**
 * Restores into the data folder: everything is made ready and checked beside what is there, and nothing is changed
 * until that has gone well. Nobody else may use the folder meanwhile.
 * @throws BackupError or KeyringError, and then everything is as it was
 */
export async function restore(deps: RestoreDeps, request: RestoreRequest): Promise<void> {
  const { settings, clock, say } = deps
  const { dataDir } = settings
  if (finishRestore(dataDir)) say('Finished a restore that was cut off.')
  const staging = stagingFolder(dataDir)
  dropStaging(dataDir)
  const database = join(dataDir, DATABASE)
  if (existsSync(database) && !request.replace)
    throw new BackupError(
      `There is a Slipway already: ${database}. With --replace it is put aside and kept. Nothing was changed.`,
    )
  await assertRoom(request.backup, dataDir)
  mkdirSync(staging, { mode: 0o700 })
  try {
    say('Checking the backup …')
    const takenAt = await stage(request.backup, staging)
    const db = openChecked(join(staging, DATABASE))
    let needed: string[]
    try {
      needed = checkKeys(db, { settings, keysFile: request.keysFile, staging })
      const replacedId = existsSync(database) ? closeOld(database, clock) : undefined
      const isSameInstallation = request.takeOver || installationId(db) === replacedId
      settle(deps, db, { takenAt, isSameInstallation })
    } catch (error) {
      db.$client.close()
      throw error
    }
    closeAlone(db)
    syncToDisk(join(staging, DATABASE))
    const aside = `replaced-${new Date(clock()).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
    place(dataDir, aside)
    say(`Restored into ${dataDir}. \`npm start\` starts it.`)
    tellRest(deps, aside, needed)
  } finally {
    dropStaging(dataDir)
  }
}

async function assertRoom(backup: string, dataDir: string): Promise<void> {
  const needed = statSync(backup).size + RESERVE_BYTES
  const { bavail, bsize } = await statfs(dataDir)
  if (bavail * bsize < needed)
    throw new BackupError(
      `${dataDir} has room for ${formatBytes(bavail * bsize)}, and restoring needs ${formatBytes(needed)}. Nothing was changed.`,
    )
}

function settle({ clock, say }: RestoreDeps, db: Db, of: Parameters<typeof settleRestored>[1]): void {
  const { machines, requests } = settleRestored(db, of, clock)
  say(
    `Of the backup from ${of.takenAt}, ${machines} machines and ${requests} requests were under way; none is started again.`,
  )
  say(
    of.isSameInstallation
      ? 'It goes on as the same installation: what that one left running on this host is ended.'
      : 'It is an installation of its own: what the one of the backup may still run is left alone.',
  )
}

function tellRest({ settings: { dataDir }, say }: RestoreDeps, aside: string, needed: string[]): void {
  if (existsSync(join(dataDir, aside)))
    say(`What was there before is in ${join(dataDir, aside)}. Remove it when you no longer need it.`)
  if (existsSync(join(dataDir, SIZES)))
    say(
      `The sizes of machines at that time are in ${join(dataDir, SIZES)}. Compare it with your own file, or set MACHINES_CONFIG to it.`,
    )
  if (needed.length)
    say(
      `The token keys are missing (${needed.join(', ')}), and without them it doesn't start: put them into ${join(dataDir, 'token-keys')}, or set TOKEN_KEYS.`,
    )
  say(
    'API tokens that were revoked and accounts that were disabled since then are good again: look through them.',
  )
}
