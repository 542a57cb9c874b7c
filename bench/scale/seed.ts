import { openInstallation } from '~/db/installation'
import { type Db, immediately } from '~/db/open'
import * as schema from '~/db/schema'
import { migrateDb } from '~/db/schema-version'
import type { Amounts } from './amounts'
import { inserter } from './insert'
import { seedMachines } from './seed-machines'
import { seedRequests } from './seed-requests'
import { seedUsers } from './seed-users'

/** The tables that are filled, each with its prepared statement. */
export const tablesOf = (db: Db) => ({
  users: inserter(db, schema.users),
  tokens: inserter(db, schema.providerTokens),
  machines: inserter(db, schema.machines),
  attempts: inserter(db, schema.launchAttempts),
  events: inserter(db, schema.machineEvents),
  services: inserter(db, schema.machineServices),
  held: inserter(db, schema.machineTokens),
  audit: inserter(db, schema.auditEntries),
  saves: inserter(db, schema.cloudSaves),
  disk: inserter(db, schema.diskUsage),
  models: inserter(db, schema.models),
  versions: inserter(db, schema.modelVersions),
  runs: inserter(db, schema.machineRuns),
  downloads: inserter(db, schema.downloads),
  requests: inserter(db, schema.modelRequests),
  inputs: inserter(db, schema.modelRequestInputs),
})

export type Tables = ReturnType<typeof tablesOf>

/** What everything that is seeded has in common. */
export interface Seeding {
  into: Tables
  amounts: Amounts
  now: number
  /** The administrator first. */
  userIds: string[]
}

/** Fills a database with a past, in one transaction. @param db an empty one */
export function seed(db: Db, dataDir: string, amounts: Amounts): void {
  migrateDb(db)
  const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, Date.now)
  const now = Date.now()
  immediately(db, (tx) => {
    const into = tablesOf(db)
    const userIds = seedUsers({ into, now }, amounts.users, installation.sealingKeyring(tx))
    const seeding = { into, amounts, now, userIds }
    seedMachines(seeding)
    seedRequests(seeding)
  })
  db.$client.pragma('wal_checkpoint(TRUNCATE)')
}
