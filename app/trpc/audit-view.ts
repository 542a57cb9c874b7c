import { z } from 'zod'
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, listAuditEntries } from '../../db/audit'
import type { Db } from '../../db/open'

const PAGE = 50
const DAY_MS = 24 * 60 * 60 * 1000
const ACTIONS = Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]]
const day = z.iso.date('must be a day such as 2026-11-22').transform((text) => Date.parse(text))

export const auditPage = z
  .object({
    action: z.enum(ACTIONS, 'is no action of the audit log').optional(),
    /** First and last day, in UTC. */
    from: day.optional(),
    to: day.optional(),
    /** The cursor that the page before gave. */
    before: z.number().int().positive().optional(),
  })
  .default({})

export interface AuditQuery extends z.output<typeof auditPage> {
  userId?: string | undefined
}

/** A page of the log, and the cursor of the next one. */
export function auditView(db: Db, { before, ...filter }: AuditQuery) {
  const rows = listAuditEntries(db, asFilter(filter), { before, limit: PAGE + 1 })
  const entries = rows.slice(0, PAGE)
  return { entries: entries.map(entryView), next: rows.length > PAGE ? (entries.at(-1)?.id ?? null) : null }
}

/** All of it that the filter lets through, page by page, the latest first. */
export function* auditExport(db: Db, filter: Omit<AuditQuery, 'before'>) {
  let before: number | undefined
  while (true) {
    const rows = listAuditEntries(db, asFilter(filter), { before, limit: 1000 })
    yield* rows.map(entryView)
    before = rows.at(-1)?.id
    if (before === undefined) return
  }
}

const asFilter = ({ userId, action, from, to }: Omit<AuditQuery, 'before'>) => ({
  userId,
  action,
  since: from,
  until: to === undefined ? undefined : to + DAY_MS,
})

const entryView = (entry: AuditEntry) => ({
  id: entry.id,
  at: new Date(entry.at).toISOString(),
  action: entry.action,
  label: AUDIT_ACTIONS[entry.action as AuditAction] ?? entry.action,
  by: entry.actorName,
  byKind: entry.actorKind,
  address: entry.address,
  subject: entry.subjectName,
  target: entry.target,
  detail: entry.detail,
})
