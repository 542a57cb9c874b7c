import { record, WORKER } from '../../db/audit'
import type { Clock, Db } from '../../db/open'
import { findSubject } from '../../db/users'
import { PROVIDERS, type ProviderId } from '../../providers/registry'

const HOUR_MS = 60 * 60_000
const DETAIL = 'To keep it out of what requests bring and say; written down once an hour'

/** When that was last written down, by user and provider: with every request it would fill the log. */
const writtenAt = new WeakMap<Db, Map<string, number>>()

/** Writes into the audit log that a user's token was opened to be looked for, once an hour. */
export function noteOpened(
  { db, clock }: { db: Db; clock: Clock },
  userId: string,
  provider: ProviderId,
): void {
  const known = writtenAt.get(db) ?? new Map<string, number>()
  writtenAt.set(db, known)
  const key = `${userId} ${provider}`
  const now = clock()
  if (now - (known.get(key) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return
  const target = PROVIDERS[provider].label
  const entry = { action: 'provider_token_opened', by: WORKER, target, detail: DETAIL } as const
  record(db, { ...entry, subject: findSubject(db, userId) }, clock)
  known.set(key, now)
}
