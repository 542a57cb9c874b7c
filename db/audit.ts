import { and, asc, desc, eq, gt, lt, type SQL } from 'drizzle-orm'
import { type Dates, ofDates } from './audit-dates'
import type { Clock, Db, Tx } from './open'
import { preparedInsert } from './prepared'
import { type ACTOR_KINDS, auditEntries } from './schema'

/** Everything that is written down, and what it is called. */
export const AUDIT_ACTIONS = {
  sign_in: 'Signed in',
  sign_in_refused: 'Sign-in refused',
  sign_in_link_made: 'Sign-in link made at the terminal',
  sign_out: 'Signed out',
  session_ended: 'Session ended',
  account_changed: 'Account changed',
  api_token_created: 'API token created',
  api_token_revoked: 'API token revoked',
  device_authorized: 'Device authorized',
  device_denied: 'Device denied',
  device_codes_guessed: 'Too many wrong device codes',
  provider_token_saved: 'Third-party token saved',
  provider_token_replaced: 'Third-party token replaced',
  provider_token_cleared: 'Third-party token cleared',
  provider_token_check_requested: 'Check of a third-party token asked for',
  provider_token_checked: 'Third-party token checked',
  model_check_requested: 'Asked whether a model opens',
  provider_token_opened: 'Third-party token opened',
  provider_token_unreadable: 'Third-party token could not be opened',
  keys_rotation_started: 'Key rotation started',
  keys_rotation_finished: 'Key rotation finished',
  user_invited: 'User invited',
  user_signed_up: 'User signed up',
  user_changed: 'User changed',
  user_disabled: 'User disabled',
  user_enabled: 'User enabled',
  user_limits_changed: 'Limits of a user changed',
  user_deleted: 'Invitation withdrawn',
  machine_launched: 'Machine launched',
  machine_stopped: 'Machine stopped',
  machine_relaunched: 'Machine relaunched',
  machine_deleted: 'Machine deleted',
  session_extended: 'Session of a machine extended',
  launch_retried: 'Failed launch retried',
  cloud_save_created: 'Cloud save made',
  cloud_save_deleted: 'Cloud save deleted',
  model_published: 'Model published',
  model_changed: 'Model changed',
  model_withdrawn: 'Model withdrawn',
  backup_made: 'Backup made',
  backup_restored: 'Restored from a backup',
} as const
export type AuditAction = keyof typeof AUDIT_ACTIONS

/** Who does something, for the audit log. */
export interface Actor {
  kind: (typeof ACTOR_KINDS)[number]
  /** The user behind it, also behind an API token. */
  id: string | null
  name: string
  /** The API token that spoke for the user, by its name. */
  token?: string
  /** The network address it was asked from. */
  address: string | null
}

/** The worker process, which acts by itself. */
export const WORKER: Actor = { kind: 'worker', id: null, name: 'Worker', address: null }

/** Whoever runs the commands of the server's own terminal. */
export const OPERATOR: Actor = { kind: 'operator', id: null, name: 'Operator', address: null }

export interface AuditFacts {
  action: AuditAction
  by: Actor
  /** Whose account it is about; without one, the actor's. */
  subject?: { id: string; name: string } | undefined
  target?: string | undefined
  /** Never a secret, nor what somebody typed. */
  detail?: string
}

const insertEntry = preparedInsert(
  auditEntries,
  'at',
  'action',
  'actorKind',
  'actorId',
  'actorName',
  'address',
  'subjectId',
  'subjectName',
  'target',
  'detail',
)

/** Writes an entry; in the transaction of the change, so that neither is there without the other. */
export function record(db: Db | Tx, { action, by, subject, target, detail }: AuditFacts, clock: Clock): void {
  insertEntry(db, {
    at: clock(),
    action,
    actorKind: by.kind,
    actorId: by.id,
    actorName: by.token === undefined ? by.name : `${by.name} (${by.token})`,
    address: by.address,
    subjectId: subject?.id ?? by.id,
    subjectName: subject?.name ?? (by.id ? by.name : null),
    target: target ?? null,
    detail: detail ?? null,
  })
}

export type AuditEntry = typeof auditEntries.$inferSelect

interface AuditFilter extends Dates {
  /** Entries about this user's account, and what this user did. */
  userId?: string | undefined
  action?: AuditAction | undefined
}

/** Where a page lies: next to the entry with this id, or, without one, at the latest. */
export interface AuditPage {
  /** Older ones only. */
  before?: number | undefined
  /** Newer ones only, beginning with the next. */
  after?: number | undefined
  limit: number
}

/** The latest entries first. */
export function listAuditEntries(db: Db, { userId, ...filter }: AuditFilter, page: AuditPage): AuditEntry[] {
  const { action, ...dates } = filter
  const passes = and(action && eq(auditEntries.action, action), ofDates(db, dates))
  if (userId === undefined) return listWhere(db, passes, page)
  // Each by its own index, which has them in order. In one query all that the user ever did would be sorted.
  const found = [auditEntries.subjectId, auditEntries.actorId].flatMap((column) =>
    listWhere(db, and(eq(column, userId), passes), page),
  )
  const byId = new Map(found.map((entry) => [entry.id, entry]))
  const sorted = [...byId.values()].sort((one, other) => other.id - one.id)
  return page.after === undefined ? sorted.slice(0, page.limit) : sorted.slice(-page.limit)
}

function listWhere(db: Db, passes: SQL | undefined, { before, after, limit }: AuditPage): AuditEntry[] {
  const rows = db
    .select()
    .from(auditEntries)
    .where(
      and(
        passes,
        before === undefined ? undefined : lt(auditEntries.id, before),
        after === undefined ? undefined : gt(auditEntries.id, after),
      ),
    )
    .orderBy(after === undefined ? desc(auditEntries.id) : asc(auditEntries.id))
    .limit(limit)
    .all()
  return after === undefined ? rows : rows.reverse()
}
