import { join } from 'node:path'
import { parseSettings } from '../env'
import { openInstallation } from './installation'
import { openDb } from './open'
import { migrateDb } from './schema-version'

/** The command that `npm start` runs before web and worker: schema, token keys, canary. */
try {
  const settings = parseSettings(process.env)
  const db = openDb(join(settings.dataDir, 'slipway.db'))
  migrateDb(db)
  openInstallation(db, settings, Date.now)
  db.$client.close()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
