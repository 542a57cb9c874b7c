import { and, asc, count, eq, inArray, type Placeholder, sql } from 'drizzle-orm'
import { AppError } from '../errors'
import type { MachineLimits } from '../machine-settings'
import { findDiskUsage, totalOf } from './disk-usage'
import type { Machine } from './machine-states'
import type { Clock, Reader, Tx } from './open'
import { prepared } from './prepared'
import { type MachineStatus, machines } from './schema'
import { limitsOf } from './user-limits'

/** What one user may have. Asked in the transaction that would go beyond it, so that nothing comes between. */

const COUNTED: MachineStatus[] = ['queued', 'starting', 'running']
const COME_BACK_AFTER_SECONDS = 60
const GIB = 1024 ** 3

const countedOf = (userId: string | Placeholder) =>
  and(eq(machines.userId, userId), inArray(machines.status, COUNTED))

/** Whether a machine counts: those that have ended, or are about to, don't. */
export const isCounted = ({ status }: Pick<Machine, 'status'>) => COUNTED.includes(status)

type Whose = 'you' | 'its owner'

/** What is said to somebody whose limit is no machine at all. */
export const NO_MACHINES =
  'You may not launch machines: an administrator has set your limit to 0. Ask one to raise it.'

/**
 * @param everybodys limits, which a user's own replace
 * @param whose how the message speaks of the user
 * @throws AppError `forbidden` when the user's limit is no machine at all, also not in the place of another
 */
export function assertMayHaveAny(
  tx: Tx,
  userId: string,
  everybodys: MachineLimits,
  whose: Whose = 'you',
): void {
  if (limitsOf(tx, userId, everybodys).perUser !== 0) return
  throw new AppError(
    'forbidden',
    whose === 'you'
      ? NO_MACHINES
      : 'Its owner may not launch machines: their limit is 0. Raise it at Admin → Users first.',
  )
}

/**
 * @param everybodys limits, which a user's own replace
 * @param whose how the message speaks of the user
 * @throws AppError `limit_reached` when the user has as many machines as they may, `forbidden` when that is none
 */
export function assertMayHaveOneMore(
  tx: Tx,
  userId: string,
  everybodys: MachineLimits,
  clock: Clock,
  whose: Whose = 'you',
): void {
  assertMayHaveAny(tx, userId, everybodys, whose)
  const full = machinesInTheWay(tx, userId, everybodys)
  if (!full) return
  const [has, cure] =
    whose === 'you'
      ? ['You have', 'Stop one of them, then launch again.']
      : ['Its owner has', 'One of them has to stop first.']
  const nextEndSeconds = Math.ceil((Math.min(...full.ends) - clock()) / 1000)
  throw new AppError('limit_reached', `${has} ${full.said} ${cure}`, {
    retryAfterSeconds: Math.max(1, Math.min(COME_BACK_AFTER_SECONDS, nextEndSeconds)),
  })
}

/** @returns what a user has who has as many machines as they may: the end of a sentence, and when sessions end */
export function machinesInTheWay(
  tx: Tx,
  userId: string,
  everybodys: MachineLimits,
): { said: string; ends: number[] } | undefined {
  const { perUser } = limitsOf(tx, userId, everybodys)
  if (perUser === undefined) return undefined
  const live = tx
    .select({ name: machines.name, endsAt: machines.endsAt })
    .from(machines)
    .where(countedOf(userId))
    .orderBy(asc(machines.createdAt))
    .all()
  if (live.length < perUser) return undefined
  const names = live.map(({ name }) => name).join(', ')
  return {
    said: `${live.length} of ${perUser} ${perUser === 1 ? 'machine' : 'machines'} running or on the way: ${names}.`,
    ends: live.flatMap(({ endsAt }) => (endsAt === null ? [] : [endsAt])),
  }
}

/** @throws AppError `limit_reached` when the user's files take more than they may */
export function assertDiskLeft(tx: Tx, userId: string, everybodys: MachineLimits): void {
  const full = filesInTheWay(tx, userId, everybodys)
  if (!full) return
  const cure =
    'Delete machines or saves that you no longer need, or launch one of your machines again and remove files there.'
  throw new AppError('limit_reached', `${full} ${cure}`, { retryAfterSeconds: COME_BACK_AFTER_SECONDS })
}

const amountOf = prepared((db) =>
  db
    .select({ n: count() })
    .from(machines)
    .where(countedOf(sql.placeholder('userId')))
    .prepare(),
)

/** How many machines of a user run or are on their way. */
export const countMachines = (db: Reader, userId: string): number => amountOf(db).get({ userId })?.n ?? 0

/** @returns a sentence that says what takes how much, when a user's files take more than they may */
export function filesInTheWay(tx: Tx, userId: string, everybodys: MachineLimits): string | undefined {
  const { diskPerUser } = limitsOf(tx, userId, everybodys)
  if (diskPerUser === undefined) return undefined
  const usage = findDiskUsage(tx, userId)
  if (!usage || totalOf(usage) <= diskPerUser) return undefined
  const { workspaces, models, saves, results } = usage
  return `Your files take ${inGib(totalOf(usage))} of ${inGib(diskPerUser)}: workspaces ${inGib(workspaces)}, models ${inGib(models)}, cloud saves ${inGib(saves)}, results ${inGib(results)}.`
}

const inGib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`
