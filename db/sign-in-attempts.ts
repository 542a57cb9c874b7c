import { AppError, type ErrorCode } from '../errors'
import { type AuditFacts, record } from './audit'
import { type Clock, type Db, immediately, type Tx } from './open'
import type { RequestSource } from './sessions'

/** What the audit log says of somebody who was not let in. */
interface RefusalFacts extends Pick<AuditFacts, 'subject' | 'target'> {
  /** Why, in words; never a code, a link, or an address that nobody has proven. */
  why: string
}

/** A refusal to sign in that names a link or a person known here, so that it is worth an entry. */
export class SignInRefused extends AppError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly facts: RefusalFacts,
    options: { field?: string } = {},
  ) {
    super(code, message, options)
  }
}

/**
 * One try to sign in, as one transaction. A refusal that is thrown takes back what was written, one that is
 * returned leaves it. The entry of either is written afterwards, so that it stays.
 * @throws AppError the refusal
 */
export function attemptSignIn<T>(
  db: Db,
  from: Pick<RequestSource, 'address'>,
  work: (tx: Tx) => T | SignInRefused,
  clock: Clock,
): T {
  try {
    const outcome = immediately(db, work)
    if (outcome instanceof SignInRefused) throw outcome
    return outcome
  } catch (error) {
    if (error instanceof SignInRefused) recordRefusal(db, error.facts, from, clock)
    throw error
  }
}

/** Writes down that somebody was not let in. Attempts are limited by network address, and so are entries. */
export function recordRefusal(
  db: Db,
  { why, ...about }: RefusalFacts,
  { address }: Pick<RequestSource, 'address'>,
  clock: Clock,
): void {
  const by = { kind: 'visitor', id: null, name: 'Somebody', address } as const
  record(db, { action: 'sign_in_refused', by, ...about, detail: why }, clock)
}
