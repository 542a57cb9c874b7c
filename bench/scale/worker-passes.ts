import { listDueSaves } from '~/db/cloud-save-work'
import { claimDiskMeasure } from '~/db/disk-usage'
import { listHung } from '~/db/hung-launches'
import { listQuiet } from '~/db/machine-activity'
import { claimLaunch } from '~/db/machine-claims'
import { endSessions, warnOfEnds } from '~/db/machine-ends'
import { listUnused } from '~/db/machine-let-go'
import { listNext, waitingLine } from '~/db/machine-queue'
import { claimRemovals } from '~/db/machine-removal'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { listDue, listLive } from '~/db/machine-upkeep'
import { expireRequests, forgetRequests } from '~/db/model-request-keeping'
import { listForsaken, listWaitingUsers } from '~/db/model-request-work'
import type { Db } from '~/db/open'
import { firstAdmin } from '~/db/users'
import { SOMEBODY } from '~/test/support/actors'

const LIMIT = 50
const IN_ALL = 1000
const MINUTE_MS = 60_000

/** What workers ask of the database by themselves, most of it every 5 seconds, and the way of a launch. */
export function passesOf(db: Db) {
  const clock = Date.now
  const userId = firstAdmin(db)?.id ?? ''
  const passes: Record<string, () => unknown> = {
    'what is due': () => listDue(db, clock(), LIMIT, IN_ALL),
    'who is next': () => listNext(db, IN_ALL, clock()),
    'what is live': () => listLive(db),
    'what went quiet': () => listHung(db, clock() - 15 * MINUTE_MS, LIMIT, clock),
    'ends of sessions': () => [warnOfEnds(db, LIMIT, clock), endSessions(db, LIMIT, clock)],
    'what nobody uses': () => [listQuiet(db, clock()), listUnused(db, clock())],
    'what was deleted': () => claimRemovals(db, { limit: 1, leaseMs: MINUTE_MS, clock }),
    'whose files to measure': () => claimDiskMeasure(db, { everyMs: 10 * MINUTE_MS, clock }),
    'saves and requests': () => [
      listDueSaves(db, clock(), LIMIT),
      listWaitingUsers(db, clock()),
      listForsaken(db, clock(), LIMIT),
    ],
    'what of requests is old': () => {
      expireRequests(db, { keptMs: 7 * 24 * 60 * MINUTE_MS, limit: LIMIT, clock })
      forgetRequests(db, { limit: LIMIT, clock })
    },
    'launch, claim and stop': () => {
      const ref = launchMachine(db, { userId, kind: 'comfyui', name: 'Bench' }, SOMEBODY, clock)
      claimLaunch(db, ref, { leaseMs: MINUTE_MS, inAll: IN_ALL, clock })
      // While one starts, what went quiet has something to look for.
      listHung(db, clock() - 15 * MINUTE_MS, LIMIT, clock)
      waitingLine(db, 1)
      stopMachine(db, userId, ref.machineId, SOMEBODY, clock)
    },
  }
  return Object.entries(passes).map(([what, work]) => ({ what, pass: async () => work() }))
}
