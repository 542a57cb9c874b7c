import { and, asc, eq, inArray } from 'drizzle-orm'
import { AppError } from '../errors'
import type { MachineLimits } from '../machine-settings'
import { findDiskUsage, totalOf } from './disk-usage'
import type { Machine } from './machine-states'
import type { Clock, Tx } from './open'
import { type MachineStatus, machines } from './schema'

/** What one user may have. Asked in the transaction that would go beyond it, so that nothing comes between. */

const COUNTED: MachineStatus[] = ['queued', 'starting', 'running']
const COME_BACK_AFTER_SECONDS = 60
const GIB = 1024 ** 3

/** Whether a machine counts: those that have ended, or are about to, don't. */
export const isCounted = ({ status }: Pick<Machine, 'status'>) => COUNTED.includes(status)

/**
 * @param whose how the message speaks of the user
 * @throws AppError `limit_reached` when the user has as many machines as one may
 */
export function assertMayHaveOneMore(
  tx: Tx,
  userId: string,
  { perUser }: MachineLimits,
  clock: Clock,
  whose: 'you' | 'its owner' = 'you',
): void {
  if (perUser === undefined) return
  const live = tx
    .select({ name: machines.name, endsAt: machines.endsAt })
    .from(machines)
    .where(and(eq(machines.userId, userId), inArray(machines.status, COUNTED)))
    .orderBy(asc(machines.createdAt))
    .all()
  if (live.length < perUser) return
  const names = live.map(({ name }) => name).join(', ')
  const [has, cure] =
    whose === 'you'
      ? ['You have', 'Stop one of them, then launch again.']
      : ['Its owner has', 'One of them has to stop first.']
  const ends = live.flatMap(({ endsAt }) => (endsAt === null ? [] : [endsAt]))
  const nextEndSeconds = Math.ceil((Math.min(...ends) - clock()) / 1000)
  throw new AppError(
    'limit_reached',
    `${has} ${live.length} of ${perUser} ${perUser === 1 ? 'machine' : 'machines'} running or on the way: ${names}. ${cure}`,
    { retryAfterSeconds: Math.max(1, Math.min(COME_BACK_AFTER_SECONDS, nextEndSeconds)) },
  )
}

/** @throws AppError `limit_reached` when the user's files take more than they may */
export function assertDiskLeft(tx: Tx, userId: string, { diskPerUser }: MachineLimits): void {
  if (diskPerUser === undefined) return
  const usage = findDiskUsage(tx, userId)
  if (!usage || totalOf(usage) <= diskPerUser) return
  const { workspaces, models, saves } = usage
  throw new AppError(
    'limit_reached',
    `Your files take ${inGib(totalOf(usage))} of ${inGib(diskPerUser)}: workspaces ${inGib(workspaces)}, models ${inGib(models)}, cloud saves ${inGib(saves)}. ` +
      'Delete machines or saves that you no longer need, or launch one of your machines again and remove files there.',
    { retryAfterSeconds: COME_BACK_AFTER_SECONDS },
  )
}

const inGib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`
