import * as z from 'zod'
import { findMachineFacts } from '../../db/machine-facts'
import {
  isByName,
  type ListedMachine,
  listEveryonesMachines,
  type MachineCursor,
  type MachineListPage,
} from '../../db/machine-list'
import { MACHINE_STATUSES } from '../../db/schema'
import { notFound } from '../../errors'
import { launchError, retryMayHelp } from '../../launch-errors'
import { MACHINE_KINDS } from '../../providers/registry'
import type { Context } from './context'
import { iso } from './iso'
import { timelineView } from './machine-view'
import { userCalled } from './user-called'

const NO_PAGE = 'is no page of the list; begin with the first'

const cursor = z
  .string()
  .regex(/^\d{1,15}-[a-z0-9]{1,64}-.{0,200}$/su, NO_PAGE)
  .transform((text): MachineCursor => {
    const [createdAt = '', id = '', ...name] = text.split('-')
    return { createdAt: Number(createdAt), id, name: name.join('-') }
  })

export const allMachinesInput = z
  .strictObject({
    status: z.enum(MACHINE_STATUSES, `must be one of ${MACHINE_STATUSES.join(', ')}`).optional(),
    /** Whose: an e-mail address, an id, or a whole name that only one user has. */
    user: z.string().trim().max(254, 'has more than 254 characters; use an e-mail address').optional(),
    kind: z.enum(MACHINE_KINDS, `must be one of ${MACHINE_KINDS.join(', ')}`).optional(),
    size: z.string().max(40, 'has more than 40 characters; choose one of the list').optional(),
    /** What a name begins with, or, from its sixth character, an id. */
    search: z.string().trim().max(60, 'has more than 60 characters; search for less').optional(),
    before: cursor.optional(),
    after: cursor.optional(),
    limit: z.number().int().min(1).max(100, 'must be at most 100').default(25),
  })
  .prefault({})

/** A page of everybody's machines, with the cursors of the pages next to it. */
export function allMachinesView(
  { db, policy }: Context,
  { user, before, after, limit, ...given }: z.output<typeof allMachinesInput>,
) {
  const filter = {
    ...given,
    search: given.search || undefined,
    userId: user ? userCalled(db, user, 'user') : undefined,
  }
  const machines = listEveryonesMachines(db, filter, { before, after, limit })
  const [first, last] = [machines[0], machines.at(-1)]
  const hasMore = (page: Omit<MachineListPage, 'limit'>) =>
    listEveryonesMachines(db, filter, { ...page, limit: 1 }).length > 0
  return {
    machines: machines.map((machine) => listedView(machine, policy.machineSizes)),
    sizes: policy.machineSizes.map(({ name, label }) => ({ name, label })),
    /** Else the newest first. */
    isByName: isByName(filter),
    older: last && hasMore({ before: last }) ? cursorOf(last) : null,
    newer: first && hasMore({ after: first }) ? cursorOf(first) : null,
  }
}

const cursorOf = ({ createdAt, id, name }: MachineCursor) => `${createdAt}-${id}-${name}`

type Sizes = Context['policy']['machineSizes']
const sizeLabel = (sizes: Sizes, size: string) => sizes.find(({ name }) => name === size)?.label ?? size

function listedView(
  { createdAt, updatedAt, userId, userName, errorClass, size, ...machine }: ListedMachine,
  sizes: Sizes,
) {
  return {
    ...machine,
    size: { name: size, label: sizeLabel(sizes, size) },
    owner: { id: userId, name: userName },
    /** Why it failed, in a word or two; null unless it did. */
    failure: errorClass === null ? null : launchError(errorClass).label,
    createdAt: iso(createdAt),
    /** Since when it is in this state. */
    since: iso(updatedAt),
  }
}

/** What a token begins with stays between its owner and the worker. */
const BEGINNING = / \S{1,12}•+/g

/**
 * What an administrator may know of anybody's machine.
 * @param viewerId who asks, who may open the machine's own page if it is theirs
 */
export function machineFactsView({ db, policy }: Context, id: string, viewerId: string) {
  const facts = findMachineFacts(db, id)
  if (!facts) throw notFound('machine')
  const { machine, owner, services, attempts, events } = facts
  const { createdAt, updatedAt, endsAt, size, ...rest } = machine
  return {
    ...rest,
    size: { name: size, label: sizeLabel(policy.machineSizes, size) },
    owner,
    isYours: owner.id === viewerId,
    createdAt: iso(createdAt),
    since: iso(updatedAt),
    endsAt: rest.status === 'running' ? iso(endsAt) : null,
    services,
    attempts: attempts.map(({ attempt, startedAt, endedAt, requestId, ...end }) => ({
      attempt,
      startedAt: iso(startedAt),
      endedAt: iso(endedAt),
      /** By which the logs of web and worker name it; null where nobody asked. */
      requestId,
      failure: end.errorClass === null ? null : failureView(end.errorClass, end),
    })),
    events: timelineView(events).map((event) => ({ ...event, text: event.text.replace(BEGINNING, '') })),
  }
}

function failureView(
  errorClass: string,
  { errorMessage, errorDetail }: { errorMessage: string | null; errorDetail: string | null },
) {
  const { label, adminCure } = launchError(errorClass)
  return {
    class: errorClass,
    label,
    message: errorMessage ?? '',
    detail: errorDetail ?? '',
    cure: adminCure,
    retryMayHelp: retryMayHelp(errorClass),
  }
}
