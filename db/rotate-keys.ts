import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseSettings } from '../env'
import { tryLock } from '../scripts/steps/lock.mjs'
import { openInstallation } from './installation'
import { rotateKeys } from './key-rotation'
import { openDb } from './open'
import { assertMigrated } from './schema-version'

/** The command that moves everything sealed to a new key, while web and worker run. */
try {
  const settings = parseSettings(process.env)
  const file = join(settings.dataDir, 'slipway.db')
  if (!existsSync(file))
    throw new Error(`There is no database in ${settings.dataDir}. \`npm start\` makes it.`)
  const lock = tryLock(join(settings.dataDir, 'keys-rotate.lock'))
  if ('heldBy' in lock)
    throw new Error(`Another process (${lock.heldBy}) rotates the keys already. Nothing was changed.`)
  process.on('exit', lock.release)
  const db = openDb(file)
  assertMigrated(db)
  const installation = openInstallation(db, settings, Date.now)
  await rotateKeys({ db, installation, settings, clock: Date.now, say: console.log, pause })
  db.$client.close()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
