import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDb } from '../../db/open'
import { assertMigrated } from '../../db/schema-version'
import { createTerminalLink, hasAnybodySignedIn } from '../../db/sign-in-links'
import { parseSettings } from '../../env'

/** The command that prints a one-time link for the administrator. */
try {
  const settings = parseSettings(process.env)
  const file = join(settings.dataDir, 'slipway.db')
  if (!existsSync(file))
    throw new Error(`There is no database in ${settings.dataDir}. \`npm start\` makes it.`)
  const db = openDb(file)
  assertMigrated(db)
  const isWanted = !process.argv.includes('--if-nobody-signed-in') || !hasAnybodySignedIn(db)
  if (isWanted) console.log(`${settings.publicUrl}/sign-in/${createTerminalLink(db, Date.now)}`)
  db.$client.close()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
