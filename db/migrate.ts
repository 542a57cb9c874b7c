import { join } from 'node:path'
import { finishRestore } from '../backup/restore/place'
import { parseDataSettings, parseSettings } from '../env'
import { openInstallation } from './installation'
import { openDb } from './open'
import { upgradeDb } from './upgrade'

/** The command that `npm start` runs before web and worker: schema, token keys, canary. */
try {
  // First, as it may bring the file that MACHINES_CONFIG names.
  if (finishRestore(parseDataSettings(process.env).dataDir))
    console.log('Finished a restore that was cut off.')
  const settings = parseSettings(process.env)
  const db = openDb(join(settings.dataDir, 'slipway.db'))
  await upgradeDb({ db, dataDir: settings.dataDir, clock: Date.now, say: console.log })
  openInstallation(db, settings, Date.now)
  db.$client.close()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
