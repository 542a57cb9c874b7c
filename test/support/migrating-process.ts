import { join } from 'node:path'
import { openDb } from '~/db/open'
import { migrateDb } from '~/db/schema-version'

/** Migrates, and is killed right before one of its statements is prepared. */
const db = openDb(join(process.env.DATA_DIR ?? '', 'slipway.db'))
const client = db.$client
const prepare = client.prepare.bind(client)
let changes = 0
client.prepare = ((text: string) => {
  // Questions don't count.
  if (!/^\s*select/i.test(text) && ++changes === Number(process.env.KILLED_AT))
    process.kill(process.pid, 'SIGKILL')
  return prepare(text)
}) as typeof client.prepare
process.stdout.write('migrating\n', () => migrateDb(db))
