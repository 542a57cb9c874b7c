import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Installation, openInstallation } from '~/db/installation'
import type { Db } from '~/db/open'
import { users } from '~/db/schema'
import { createUser, type User } from '~/db/users'
import { type TestClock, testClock } from './clock'
import { testDatabase } from './database'
import { temporaryFolder } from './temp-folder'

export interface TestInstallation {
  dataDir: string
  db: Db
  installation: Installation
  clock: TestClock
  admin: User
  member: User
}

/** A data folder with a database, token keys and two users who have signed in before; it goes when the test ends. */
export function testInstallation(): TestInstallation {
  const folder = temporaryFolder()
  const dataDir = join(folder.path, 'data')
  const db = testDatabase(dataDir)
  onTestFinished(() => {
    db.$client.close()
    folder.remove()
  })
  const clock = testClock()
  const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, clock)
  const admin = createUser(db, { name: 'Ada', role: 'admin' }, clock)
  const member = createUser(db, { name: 'Mo', role: 'member' }, clock)
  db.update(users).set({ signedInAt: clock() }).run()
  return { dataDir, db, installation, clock, admin, member }
}
