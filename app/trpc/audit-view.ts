import * as z from 'zod'
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, listAuditEntries } from '../../db/audit'
import type { Db } from '../../db/open'
import { iso } from './iso'

const DAY_MS = 24 * 60 * 60 * 1000
const ACTIONS = Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]]
const day = z.iso.date('must be a day such as 2026-11-22').transform((text) => Date.parse(text))
const NO_PAGE = 'is no page of the log; begin with the first'
const cursor = z.number(NO_PAGE).int(NO_PAGE).positive(NO_PAGE).optional()

const page = z.object({
  action: z.enum(ACTIONS, 'is none of the audit log; choose one of the list').optional(),
  /** First and last day, in UTC. */
  from: day.optional(),
  to: day.optional(),
  /** A page's cursors lead on from it: `older` goes here, */
  before: cursor,
  /** and `newer` here. */
  after: cursor,
  limit: z.number().int().min(1).max(1000, 'must be at most 1000').default(50),
})

const isInOrder = ({ from, to }: z.output<typeof page>) =>
  from === undefined || to === undefined || from <= to
const ORDER = { path: ['to'], error: 'is before the first day; choose a later one' }

/** A page of one's own entries, */
export const ownAuditPage = page.refine(isInOrder, ORDER).prefault({})

/** and of everybody's. */
export const auditPage = page
  .extend({
    /** Whose: an e-mail address, an id, or a whole name that only one user has. */
    userId: z.string().trim().max(254, 'has more than 254 characters; use an e-mail address').optional(),
  })
  .refine(isInOrder, ORDER)
  .prefault({})

const BY_OPERATORS: AuditAction[] = ['keys_rotation_started', 'keys_rotation_finished', 'sign_in_link_made']
/** About accounts that are gone then. */
const BY_ADMINS: AuditAction[] = ['user_deleted']

const named = (actions: AuditAction[]) => actions.map((action) => ({ action, label: AUDIT_ACTIONS[action] }))

/** Everything that is written down, and what a person calls it. */
export const auditActions = named(ACTIONS)

/** What of it can stand among somebody's own entries. */
export const ownAuditActions = (role: 'admin' | 'member') =>
  named(
    ACTIONS.filter(
      (action) => !BY_OPERATORS.includes(action) && (role === 'admin' || !BY_ADMINS.includes(action)),
    ),
  )

type AuditQuery = z.output<typeof auditPage>

/**
 * A page of the log, the latest entry first, with the cursors of the pages next to it.
 * @param viewerId who reads it
 */
export function auditView(db: Db, query: AuditQuery, viewerId: string) {
  const { userId, action, from, to, before, after, limit } = query
  const filter = { userId, action, since: from, until: to === undefined ? undefined : to + DAY_MS }
  const entries = listAuditEntries(db, filter, { before, after, limit })
  const [newest, oldest] = [entries[0]?.id, entries.at(-1)?.id]
  const hasMore = (page: { before?: number; after?: number }) =>
    listAuditEntries(db, filter, { ...page, limit: 1 }).length > 0
  return {
    entries: entries.map((entry) => entryView(entry, viewerId)),
    older: oldest !== undefined && hasMore({ before: oldest }) ? oldest : null,
    newer: newest !== undefined && hasMore({ after: newest }) ? newest : null,
  }
}

const entryView = (entry: AuditEntry, viewerId: string) => ({
  id: entry.id,
  at: iso(entry.at),
  action: entry.action,
  label: AUDIT_ACTIONS[entry.action as AuditAction] ?? entry.action,
  by: entry.actorName,
  byKind: entry.actorKind,
  isByYou: entry.actorId === viewerId,
  address: entry.address,
  subject: entry.subjectName,
  isAboutYou: entry.subjectId === viewerId,
  target: entry.target,
  detail: entry.detail,
})
