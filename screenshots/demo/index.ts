import { asc } from 'drizzle-orm'
import { claimDeviceGrant } from '~/db/device-grant-decisions'
import { startDeviceGrant } from '~/db/device-grants'
import type { Installation } from '~/db/installation'
import type { Db } from '~/db/open'
import { auditEntries, diskUsage, users } from '~/db/schema'
import { createSession } from '~/db/sessions'
import { changeUserLimits } from '~/db/user-limits'
import { beat } from '~/db/workers'
import { minutesAgo, NOW } from '../moments'
import { withSteadyRandom } from '../steady-random'
import { fillMachines } from './machines'
import { fillModels } from './models'
import { at, FROM, fillPeople } from './people'

export interface Place {
  db: Db
  installation: Installation
  dataDir: string
}

export type Demo = ReturnType<typeof fill>

/** Fills a new database with people and what they did. @returns ids that pages are reached by, and who signs in */
export const fillWithDemo = (place: Place, picture: Buffer): Demo =>
  withSteadyRandom(() => fill(place, picture))

function fill(place: Place, picture: Buffer) {
  const { db, installation } = place
  const people = fillPeople(place)
  const machines = fillMachines(place, people)
  const requests = fillModels(place, people, machines.studio, picture)
  const { ada, mo } = people
  for (const [id, pid, startedAt] of [
    ['worker-1', 4127, minutesAgo(3 * 24 * 60)],
    ['worker-2', 812, minutesAgo(95)],
  ] as const) {
    const said = { id, host: id === 'worker-1' ? 'studio-1' : 'studio-2', pid, takesJobsAt: NOW }
    beat(db, said, installation.keyring(), () => startedAt)
    beat(db, said, installation.keyring(), () => NOW)
  }
  for (const { id } of db.select({ id: users.id }).from(users).all())
    db.insert(diskUsage)
      .values({
        userId: id,
        workspaces: 18.4e9,
        models: 96.2e9,
        saves: 41.7e9,
        results: 1.3e9,
        measuredAt: minutesAgo(4),
        dueAt: NOW,
      })
      .run()
  changeUserLimits(
    db,
    people.lin.id,
    { machines: 8, sessionMs: null, diskBytes: null },
    people.byAda,
    at(300),
  )
  const grant = startDeviceGrant(
    db,
    {
      clientId: 'runcomfy',
      protocol: 'runcomfy',
      deviceName: 'render-01',
      scopes: ['write'],
      from: { address: '203.0.113.7', userAgent: 'runcomfy/0.1.0' },
    },
    at(1),
  )
  const claimed = claimDeviceGrant(db, ada.id, grant.userCode, at(1)).mine
  const session = (userId: string) => createSession(db, { userId, from: FROM }, at(2))
  sortAudit(db)
  return {
    machines,
    requests,
    userIds: { ada: ada.id, mo: mo.id },
    grantId: claimed?.id ?? '',
    sessions: { ada: session(ada.id), new: session(people.kim.id) },
  }
}

/** The log goes by number, and what was made here was not made in the order in which it is said to have been. */
function sortAudit(db: Db) {
  const entries = db.select().from(auditEntries).orderBy(asc(auditEntries.at), asc(auditEntries.id)).all()
  db.delete(auditEntries).run()
  for (const { id, ...entry } of entries) db.insert(auditEntries).values(entry).run()
}
