import { and, eq } from 'drizzle-orm'
import type { SignUp } from '../sign-in-settings'
import { type Actor, record } from './audit'
import type { Clock, Db, Tx } from './open'
import { userIdentities, users } from './schema'
import { createSession, type RequestSource } from './sessions'
import { attemptSignIn, SignInRefused } from './sign-in-attempts'
import { createUser, findUserByEmail, type User, userColumns } from './users'

export interface SignedIn {
  user: User
  /** The secret for the browser's cookie. */
  session: string
}

/** The same answer whether nobody has the address or the account was shut; the audit log tells them apart. */
const refused = (facts: { why: string; subject?: { id: string; name: string }; target?: string }) =>
  new SignInRefused(
    'forbidden',
    'There is no account here for this e-mail address. Ask an administrator of this server to invite you.',
    facts,
  )
const disabled = (how: string, subject: User) => refused({ why: `${how}: the account is disabled`, subject })

/** Whether an address may get an account by itself. @param email in lower case */
export const maySignUp = (signUp: SignUp, email: string): boolean =>
  signUp.kind === 'open' ||
  (signUp.kind === 'domain' && signUp.domains.includes(email.slice(email.lastIndexOf('@') + 1)))

/**
 * Whom a proven e-mail address signs in: the user that has it, or a new one where the server allows it.
 * @param given `how` it was proven, as the audit log says it
 * @throws SignInRefused `forbidden` when nobody, or when the account was shut
 */
export function admitByEmail(
  tx: Tx,
  given: { email: string; name?: string | null; how: string; signUp: SignUp; from: RequestSource },
  clock: Clock,
): User {
  const { email, name, how, signUp, from } = given
  const known = findUserByEmail(tx, email)
  if (known) {
    const { disabledAt, ...user } = known
    if (disabledAt !== null) throw disabled(how, known)
    return user
  }
  if (!maySignUp(signUp, email)) throw refused({ why: `${how}: no account`, target: email })
  const user = createUser(
    tx,
    { name: name || (email.split('@', 1)[0] as string), email, role: 'member' },
    clock,
  )
  record(tx, { action: 'user_signed_up', by: actorOf(user, from), target: email }, clock)
  return user
}

/** What a provider says of the person who signed in there, checked by the OIDC client. */
export interface Identity {
  issuer: string
  subject: string
  email: string | null
  emailVerified: boolean
  name: string | null
}

/**
 * Signs in whom an OIDC provider vouches for: by the provider's id of the person, and the first time by the
 * e-mail address, which then has to be one that the provider has verified.
 * @throws AppError `forbidden` when that is nobody here
 */
export function signInByIdentity(
  db: Db,
  identity: Identity,
  { label, signUp, from }: { label: string; signUp: SignUp; from: RequestSource },
  clock: Clock,
): SignedIn {
  const work = (tx: Tx) => {
    const { issuer, subject, emailVerified, name } = identity
    const known = tx
      .select({ ...userColumns, disabledAt: users.disabledAt })
      .from(userIdentities)
      .innerJoin(users, eq(users.id, userIdentities.userId))
      .where(and(eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)))
      .get()
    if (known) {
      if (known.disabledAt !== null) throw disabled(label, known)
      const { disabledAt, ...user } = known
      return beginSession(tx, user, { how: label, from }, clock)
    }
    const email = identity.email?.trim().toLowerCase()
    if (!email || !emailVerified)
      throw new SignInRefused(
        'forbidden',
        `${label} did not give a verified e-mail address, so there is no telling whose account this is. Verify it there, or sign in by mail.`,
        { why: `${label}: no verified e-mail address` },
      )
    const user = admitByEmail(tx, { email, name, how: label, signUp, from }, clock)
    tx.insert(userIdentities).values({ issuer, subject, userId: user.id, createdAt: clock() }).run()
    return beginSession(tx, user, { how: label, from }, clock)
  }
  return attemptSignIn(db, from, work, clock)
}

/** The end of every way to sign in. @param how what the audit log says */
export function beginSession(
  tx: Tx,
  user: User,
  { how, from }: { how: string; from: RequestSource },
  clock: Clock,
): SignedIn {
  tx.update(users).set({ signedInAt: clock() }).where(eq(users.id, user.id)).run()
  record(tx, { action: 'sign_in', by: actorOf(user, from), detail: how }, clock)
  return { user, session: createSession(tx, { userId: user.id, from }, clock) }
}

export const actorOf = (
  { id, name }: Pick<User, 'id' | 'name'>,
  { address }: Pick<RequestSource, 'address'>,
): Actor => ({
  kind: 'user',
  id,
  name,
  address,
})
