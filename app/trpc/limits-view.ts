import { findDiskUsage, totalOf } from '../../db/disk-usage'
import { IDLE_WARNING_MS } from '../../db/machine-activity'
import { END_WARNING_MS } from '../../db/machine-ends'
import { type WaitingLine, waitingLine } from '../../db/machine-queue'
import type { MachineSummary } from '../../db/machines'
import { limitsOf } from '../../db/user-limits'
import { sessionLength } from '../../machine-settings'
import { describeSize, type MachineSize } from '../../machine-sizes'
import type { Context } from './context'
import { iso } from './iso'

export const sizeView = ({ name, label, cpus, memoryGiB, gpus, kinds }: MachineSize) => ({
  name,
  label,
  cpus,
  memoryGiB,
  gpus: gpus ? { count: gpus.count, kind: gpus.kind ?? null } : null,
  kinds: kinds ?? null,
  description: describeSize({ cpus, memoryGiB, gpus }),
})

/** What holds for all machines of a user, to be looked at once for a whole list. */
export function limitsFor({ db, policy }: Context, userId: string) {
  const { inAll, sessionMs, idleMs } = limitsOf(db, userId, policy.machineLimits)
  /** `line`: why those that wait do so. */
  return { line: waitingLine(db, inAll), sessionMs, idleMs }
}

/** What a machine may use, until when it runs, and what it waits for. */
export function limitsView(
  { policy, clock }: Context,
  machine: MachineSummary,
  { line, sessionMs, idleMs }: ReturnType<typeof limitsFor>,
) {
  const { id, status, endsAt } = machine
  const size = policy.machineSizes.find(({ name }) => name === machine.size)
  return {
    size: {
      name: machine.size,
      label: size?.label ?? machine.size,
      /** Null for one that is no longer offered. */
      description: size ? describeSize(size) : null,
      /** False where nothing keeps the machine to it. */
      holds: policy.sizesHold,
    },
    /** How long it may run until it is extended; null without an end. */
    sessionMinutes: inMinutes(sessionLength(machine.sessionMs, sessionMs)),
    /** When it is stopped unless it is extended; null without an end. */
    endsAt: status === 'running' && endsAt !== null ? iso(endsAt) : null,
    /** When it is stopped as things are, and why; null for one that runs until somebody stops it. */
    stops: status === 'running' ? stops(machine, idleMs) : null,
    /** That it is about to be stopped, and why; null while it isn't. */
    warning: status === 'running' ? warning(machine, clock()) : null,
    /** Its place among those that wait for room, the next one first; null unless it waits for that. */
    queue: line && status === 'queued' ? place(line, id) : null,
  }
}

/** What comes first: the end of the session, or of the time for which nobody may use it. Trainers are never idle. */
function stops(
  { kind, endsAt, activeAt, updatedAt, idleWarnedAt }: MachineSummary,
  idleMs: number | undefined,
): { reason: 'session' | 'idle'; at: string } | null {
  const unusedUntil =
    idleWarnedAt === null ? (activeAt ?? updatedAt) + (idleMs ?? 0) : idleWarnedAt + IDLE_WARNING_MS
  const isIdleFirst =
    idleMs !== undefined && kind === 'comfyui' && unusedUntil < (endsAt ?? Number.POSITIVE_INFINITY)
  if (isIdleFirst) return { reason: 'idle', at: iso(unusedUntil) }
  return endsAt === null ? null : { reason: 'session', at: iso(endsAt) }
}

function warning({ endsAt, idleWarnedAt }: Pick<MachineSummary, 'endsAt' | 'idleWarnedAt'>, now: number) {
  const ends = [
    ...(endsAt !== null && endsAt <= now + END_WARNING_MS
      ? [{ reason: 'session' as const, at: endsAt }]
      : []),
    ...(idleWarnedAt === null ? [] : [{ reason: 'idle' as const, at: idleWarnedAt + IDLE_WARNING_MS }]),
  ]
  const [first] = ends.sort((one, other) => one.at - other.at)
  return first ? { reason: first.reason, at: iso(first.at) } : null
}

const inMinutes = (ms: number | undefined) => (ms === undefined ? null : ms / 60_000)

/** What one user may have; null is without a limit. */
export function allowance({ db, policy }: Pick<Context, 'db' | 'policy'>, userId: string) {
  const { perUser, inAll, sessionMs, idleMs } = limitsOf(db, userId, policy.machineLimits)
  return {
    machinesPerUser: perUser ?? null,
    machinesInAll: inAll ?? null,
    sessionMinutes: inMinutes(sessionMs),
    idleMinutes: inMinutes(idleMs),
  }
}

/** What the user's files took when they were last measured, in bytes; null before that. */
export function diskView({ db, policy }: Context, userId: string) {
  const usage = findDiskUsage(db, userId)
  if (!usage) return null
  const { measuredAt, ...parts } = usage
  const limit = limitsOf(db, userId, policy.machineLimits).diskPerUser ?? null
  return { total: totalOf(usage), limit, ...parts, measuredAt: iso(measuredAt) }
}

const ORDINALS = [
  'First',
  'Second',
  'Third',
  'Fourth',
  'Fifth',
  'Sixth',
  'Seventh',
  'Eighth',
  'Ninth',
  'Tenth',
]

function place({ ids, running, inAll }: WaitingLine, id: string) {
  const at = ids.indexOf(id)
  if (at < 0) return null
  const machines = inAll === 1 ? 'machine runs' : 'machines run'
  return {
    place: at + 1,
    running,
    limit: inAll,
    message: `${ORDINALS[at] ?? `Number ${at + 1}`} in the queue: ${running} of ${inAll} ${machines}`,
  }
}
