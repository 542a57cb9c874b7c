import { expect, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { claimDiskMeasure } from '~/db/disk-usage'
import { countFailedLaunches, listFailedLaunches } from '~/db/failed-launches'
import { listQuiet } from '~/db/machine-activity'
import { countFailuresSince, countLiveMachines } from '~/db/machine-counts'
import { claimRemovals } from '~/db/machine-removal'
import type { Db } from '~/db/open'
import { auditEntries } from '~/db/schema'
import { testInstallation } from '../support/installation'
import { queryPlans } from '../support/query-plans'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

const cursor = { failedAt: 9, machineId: 'm' }
const ofFailed = (filter: object) => (db: Db) =>
  [{}, { before: cursor }, { after: cursor }].map((page) =>
    listFailedLaunches(db, filter, { limit: 25, ...page }),
  )
const ofAudit = (filter: object) => (db: Db) =>
  [{}, { before: 9 }, { after: 9 }].map((page) => listAuditEntries(db, filter, { limit: 50, ...page }))
const everyMs = HOUR_MS

/** Read in its order, which ends with the page; all that it holds are machines that failed. */
const FAILED = 'SCAN machines USING INDEX machines_failed'
/** By its key, which ends with the page. */
const LOG = 'SCAN audit_entries'

test.each<[string, (db: Db) => unknown, string]>([
  ['failed launches', ofFailed({}), 'SEARCH machines USING INDEX machines_failed '],
  ['those of a class', ofFailed({ class: 'start_hung' }), FAILED],
  ['those of a group', ofFailed({ class: 'timeout' }), FAILED],
  ['those of the rest', ofFailed({ class: 'slipway', search: 'a' }), FAILED],
  [
    'their counts by class',
    (db) => countFailedLaunches(db, { search: 'a' }),
    'COVERING INDEX machines_failed_by_class',
  ],
  ['those of a day', (db) => listFailedLaunches(db, { since: 1 }), 'INDEX machines_failed (updated_at>'],
  ['failures of a day', (db) => countFailuresSince(db, 1), 'COVERING INDEX machines_failed (updated_at>'],
  ['live machines', countLiveMachines, 'COVERING INDEX machines_by_status_and_creation (status='],
  [
    'what was deleted',
    (db) => claimRemovals(db, { limit: 1, leaseMs: 1, clock: () => 9 }),
    'INDEX machines_deleted (deleted_at>',
  ],
  ['the audit log', ofAudit({}), LOG],
  ['an action', ofAudit({ action: 'sign_in' }), 'INDEX audit_entries_by_action (action=?'],
  ['days of it', ofAudit({ since: 1, until: 9 }), 'USING INTEGER PRIMARY KEY (rowid>? AND rowid<?'],
  ['the time before a day', ofAudit({ until: 9 }), 'COVERING INDEX audit_entries_by_time (at<?)'],
  [
    'somebody’s days',
    ofAudit({ userId: 'x', since: 1, until: 9 }),
    'audit_entries_by_actor (actor_id=? AND id>? AND id<?',
  ],
])('nothing that grows is gone through or sorted for %s', (_what, work, step) => {
  const { db } = testInstallation()
  log(db, [1, 2, 3])
  const plans = queryPlans(db, ['machines', 'audit_entries'], () => work(db))
  expect(plans.filter((plan) => plan.includes(step))).not.toEqual([])
  expect(plans.filter(isWhole)).toEqual([])
})

const isWhole = (plan: string) =>
  plan.includes('TEMP B-TREE') ||
  (/^SCAN (machines|audit_entries|launch_attempts)/.test(plan) && plan !== FAILED && plan !== LOG)

test('whether somebody’s files may have changed is asked of the latest change alone', () => {
  const { db } = testInstallation()
  const plans = queryPlans(db, ['machines'], () => claimDiskMeasure(db, { everyMs, clock: () => DAY_MS }))
  expect(plans).toContainEqual(
    expect.stringContaining('COVERING INDEX machines_by_user_and_change (user_id=? AND updated_at>?)'),
  )
})

test('how many of each class failed of late is counted among those alone', () => {
  const { db } = testInstallation()
  const plans = queryPlans(db, ['machines'], () => countFailedLaunches(db, { since: 1 }))
  expect(plans[0]).toContain('INDEX machines_failed (updated_at>')
})

test('idle machines are looked for among those that run, not among all of their kind', () => {
  const { db } = testInstallation()
  const plans = queryPlans(db, ['machines'], () => listQuiet(db, 9))
  expect(plans[0]).toContain('machines_by_status_and_creation (status=?')
})

/** Writes an entry at each of these times. */
function log(db: Db, times: readonly number[]): void {
  const entry = {
    action: 'sign_in',
    actorKind: 'user',
    actorName: 'Mo',
    actorId: 'x',
    subjectId: 'x',
  } as const
  db.insert(auditEntries)
    .values(times.map((at) => ({ at, ...entry })))
    .run()
}

test.each([{}, { userId: 'x' }, { action: 'sign_in' as const }])(
  'the audit log of some days has every entry of them, though the clock was set back by up to a day: %o',
  (filter) => {
    const { db } = testInstallation()
    const hours = [10, 50, 60, 70, 48, 61, 100, 90, 130, 129, 131]
    log(
      db,
      hours.map((hour) => hour * HOUR_MS),
    )
    const list = (since?: number, until?: number) =>
      listAuditEntries(
        db,
        {
          ...filter,
          since: since === undefined ? since : since * HOUR_MS,
          until: until === undefined ? until : until * HOUR_MS,
        },
        { limit: 100 },
      ).map(({ at }) => at / HOUR_MS)
    for (const from of [0, ...hours.flatMap((hour) => [hour, hour + 1])]) {
      const wanted = hours.toReversed()
      expect(list(from)).toEqual(wanted.filter((hour) => hour >= from))
      expect(list(undefined, from)).toEqual(wanted.filter((hour) => hour < from))
      expect(list(from, from + 24)).toEqual(wanted.filter((hour) => hour >= from && hour < from + 24))
    }
  },
)
