import { eq } from 'drizzle-orm'
import { AppError, notFound } from '../errors'
import { queuedAgain } from '../launch-events'
import type { MachineLimits } from '../machine-settings'
import type { SizeUse } from '../machine-sizes'
import { type Actor, record } from './audit'
import { beginAttempt } from './launch-attempts'
import { assertMayHaveOneMore } from './machine-limits'
import { called, type LaunchRef } from './machine-requests'
import { findMachine, type Machine, moveMachine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { machines, users } from './schema'
import { findSubject } from './users'

interface RetryRules {
  limits?: MachineLimits
  /** Whether a user may launch with the size today. */
  isOffered?(size: string, use: SizeUse): boolean
  /** What asks for it, as logs name that. */
  requestId?: string | undefined
}

/**
 * An administrator's retry: a new attempt of the same machine, with a fresh snapshot. Guarded, so that
 * two clicks at once make one attempt.
 * @throws AppError `not_found`, `conflict` when the machine has not failed or was replaced, or
 * when its owner may not launch it any more, or `limit_reached`
 */
export function retryLaunch(
  db: Db,
  id: string,
  by: Actor,
  clock: Clock,
  { limits = {}, isOffered = () => true, requestId }: RetryRules = {},
): LaunchRef {
  return immediately(db, (tx) => {
    const machine = findMachine(tx, id)
    if (!machine || machine.deletedAt !== null) throw notFound('machine')
    if (machine.status !== 'failed')
      throw new AppError(
        'conflict',
        `Only a failed launch can be retried; this machine is ${machine.status}.`,
      )
    if (machine.replacedBy)
      throw new AppError(
        'conflict',
        'Its owner has relaunched this machine already; the new one has its workspace.',
      )
    assertOwnerMay(tx, machine, isOffered)
    assertMayHaveOneMore(tx, machine.userId, limits, clock, 'its owner')
    const now = clock()
    const attempt = machine.attempt + 1
    moveMachine(tx, id, {
      from: ['failed'],
      to: 'queued',
      guard: eq(machines.attempt, machine.attempt),
      set: { attempt, tries: 0, leaseUntil: 0, notBefore: 0, queuedAt: now },
      event: queuedAgain(attempt),
      now,
    })
    beginAttempt(tx, { machineId: id, attempt }, now, requestId)
    const subject = findSubject(tx, machine.userId)
    const target = called(machine)
    record(tx, { action: 'launch_retried', by, subject, target, detail: `Attempt ${attempt}` }, clock)
    return { machineId: id, attempt }
  })
}

function assertOwnerMay(
  tx: Tx,
  { userId, size, kind }: Machine,
  isOffered: NonNullable<RetryRules['isOffered']>,
): void {
  const { role, disabledAt } = users
  const owner = tx.select({ role, disabledAt }).from(users).where(eq(users.id, userId)).get()
  if (!owner || owner.disabledAt !== null)
    throw new AppError('conflict', 'Its owner’s account is disabled. Enable it first.')
  if (!isOffered(size, { role: owner.role, kind }))
    throw new AppError(
      'conflict',
      `Its owner may not use the size “${size}” any more. They can relaunch it with another one.`,
    )
}
