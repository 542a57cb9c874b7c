import { join } from 'node:path'
import { openDb } from '../../db/open'
import { createSignInLink, hasAnybodySignedIn } from '../../db/sign-in-links'
import { parseSettings } from '../../env'

/** The command that prints a one-time link for the administrator. */
const settings = parseSettings(process.env)
const db = openDb(join(settings.dataDir, 'slipway.db'))
const isWanted = !process.argv.includes('--if-nobody-signed-in') || !hasAnybodySignedIn(db)
if (isWanted) console.log(`${settings.publicUrl}/sign-in/${createSignInLink(db, Date.now)}`)
db.$client.close()
