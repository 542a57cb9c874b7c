import { findDiskUsage, totalOf } from '../../db/disk-usage'
import { IDLE_WARNING_MS } from '../../db/machine-activity'
import { END_WARNING_MS } from '../../db/machine-ends'
import { type WaitingLine, waitingLine } from '../../db/machine-queue'
import type { MachineDetails } from '../../db/machines'
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

/** Why those that wait do so, to be looked at once for a whole list. */
export const lineOf = ({ db, policy }: Context) => waitingLine(db, policy.machineLimits.inAll)

/** What a machine may use, until when it runs, and what it waits for. */
export function limitsView(
  { policy, clock }: Context,
  machine: Omit<MachineDetails, 'events'>,
  line: WaitingLine | undefined,
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
    /** When it is stopped unless it is extended; null without an end. */
    endsAt: status === 'running' && endsAt !== null ? iso(endsAt) : null,
    /** That it is about to be stopped, and why; null while it isn't. */
    warning: status === 'running' ? warning(machine, clock()) : null,
    /** Its place among those that wait for room, the next one first; null unless it waits for that. */
    queue: line && status === 'queued' ? place(line, id) : null,
  }
}

function warning({ endsAt, idleWarnedAt }: Pick<MachineDetails, 'endsAt' | 'idleWarnedAt'>, now: number) {
  const ends = [
    ...(endsAt !== null && endsAt <= now + END_WARNING_MS
      ? [{ reason: 'session' as const, at: endsAt }]
      : []),
    ...(idleWarnedAt === null ? [] : [{ reason: 'idle' as const, at: idleWarnedAt + IDLE_WARNING_MS }]),
  ]
  const [first] = ends.sort((one, other) => one.at - other.at)
  return first ? { reason: first.reason, at: iso(first.at) } : null
}

export const inMinutes = (ms: number | undefined) => (ms === undefined ? null : ms / 60_000)

/** What the user's files took when they were last measured, in bytes; null before that. */
export function diskView({ db, policy }: Context, userId: string) {
  const usage = findDiskUsage(db, userId)
  if (!usage) return null
  const { workspaces, models, saves, measuredAt } = usage
  const limit = policy.machineLimits.diskPerUser ?? null
  return { total: totalOf(usage), limit, workspaces, models, saves, measuredAt: iso(measuredAt) }
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
