import { createHash } from 'node:crypto'
import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { AppError } from '../errors'
import type { SignUp } from '../sign-in-settings'
import { newId } from './ids'
import { type Clock, type Db, immediately, type Tx } from './open'
import { signInLinks } from './schema'
import { hashSecret, mintSecret } from './secrets'
import type { Origin } from './sessions'
import { admitByEmail, beginSession, type SignedIn } from './sign-in'
import { createUser, firstAdmin } from './users'

const TERMINAL_LIFE_MS = 60 * 60 * 1000
const MAIL_LIFE_MS = 10 * 60 * 1000
const WRONG_CODES_MAX = 5
export const SIGN_IN_BROWSER_SECONDS = MAIL_LIFE_MS / 1000

/**
 * A link that signs in the administrator, for whoever can read the server's terminal.
 * The newest one only: older ones that nobody used are dead from now on.
 * @returns the one-time secret of the link; it lives for an hour
 */
export function createTerminalLink(db: Db, clock: Clock): string {
  const { secret, hash } = mintSecret('sign-in-link')
  const now = clock()
  immediately(db, (tx) => {
    tx.delete(signInLinks)
      .where(and(isNull(signInLinks.usedAt), isNull(signInLinks.email)))
      .run()
    tx.insert(signInLinks)
      .values({ id: newId(), secretHash: hash, createdAt: now, expiresAt: now + TERMINAL_LIFE_MS })
      .run()
  })
  return secret
}

/**
 * A link for whoever reads the mail of an address, known here or not: that is found out when it is used.
 * The newest one of an address only. It signs in the browser that asked; any other shows a code for it.
 * @param email in lower case
 * @returns the secret of the link, for 10 minutes, and the one for the cookie of the browser that asked
 */
export function createMailLink(
  db: Db,
  { email, from }: { email: string; from: Origin },
  clock: Clock,
): { secret: string; browserSecret: string } {
  const { secret, hash } = mintSecret('sign-in-link')
  const browser = mintSecret('sign-in-browser')
  const now = clock()
  immediately(db, (tx) => {
    tx.delete(signInLinks)
      .where(
        and(isNull(signInLinks.usedAt), or(eq(signInLinks.email, email), lt(signInLinks.expiresAt, now))),
      )
      .run()
    tx.insert(signInLinks)
      .values({
        id: newId(),
        secretHash: hash,
        createdAt: now,
        expiresAt: now + MAIL_LIFE_MS,
        email,
        browserHash: browser.hash,
        codeHash: hashCode(browser.secret, codeOf(secret)),
        ...from,
      })
      .run()
  })
  return { secret, browserSecret: browser.secret }
}

/** Six digits that follow from the link, so that showing them needs nothing written down. */
const codeOf = (secret: string): string =>
  String(
    createHash('sha256').update(`slipway:code-of-link:${secret}`).digest().readUIntBE(0, 6) % 1_000_000,
  ).padStart(6, '0')

/** Six digits are few; with the browser's secret the hash tells nothing of them. */
const hashCode = (browserSecret: string, code: string) =>
  hashSecret('sign-in-code', `${browserSecret}:${code}`)

const isLive = (now: number) =>
  and(isNull(signInLinks.usedAt), gt(signInLinks.expiresAt, now), lt(signInLinks.wrongCodes, WRONG_CODES_MAX))
const bySecret = (secret: string) => eq(signInLinks.secretHash, hashSecret('sign-in-link', secret))
const byBrowser = (secret: string) => eq(signInLinks.browserHash, hashSecret('sign-in-browser', secret))
const isAskedBy = (row: { browserHash: string | null }, browserSecret: string | undefined) =>
  row.browserHash === null ||
  (browserSecret !== undefined && row.browserHash === hashSecret('sign-in-browser', browserSecret))

/** What a browser that opened the link may do with it. */
export type LinkView =
  | { state: 'gone' }
  /** Sign in. */
  | { state: 'here'; email: string | null }
  /** Show the code, to be typed where the link was asked for. */
  | { state: 'elsewhere'; email: string; code: string; askedFrom: Origin & { at: number } }

/** Looking changes nothing. */
export function lookAtLink(
  db: Db,
  secret: string,
  browserSecret: string | undefined,
  clock: Clock,
): LinkView {
  const row = db
    .select()
    .from(signInLinks)
    .where(and(bySecret(secret), isLive(clock())))
    .get()
  if (!row) return { state: 'gone' }
  const { email, address, userAgent, createdAt } = row
  if (isAskedBy(row, browserSecret) || email === null) return { state: 'here', email }
  return { state: 'elsewhere', email, code: codeOf(secret), askedFrom: { address, userAgent, at: createdAt } }
}

export const hasAnybodySignedIn = (db: Db): boolean => firstAdmin(db) !== undefined

interface Redemption {
  /** Of the cookie of the browser that asks now. */
  browserSecret: string | undefined
  signUp: SignUp
  from: Origin
}

const gone = () =>
  new AppError(
    'gone',
    'This sign-in link was already used, was replaced by a newer one, or has expired. Ask for a new one; `npm run sign-in-link` on the server prints one for the administrator.',
  )

/**
 * Uses the link up and signs in. By the terminal's link the first person becomes the administrator.
 * @throws AppError `gone`; `forbidden` when the link was asked for in another browser, or nobody has the address
 */
export function redeemSignInLink(
  db: Db,
  secret: string,
  { browserSecret, signUp, from }: Redemption,
  clock: Clock,
): SignedIn {
  return immediately(db, (tx) => {
    const row = tx
      .select()
      .from(signInLinks)
      .where(and(bySecret(secret), isLive(clock())))
      .get()
    if (!row) throw gone()
    if (!isAskedBy(row, browserSecret))
      throw new AppError(
        'forbidden',
        'This link was asked for in another browser. Type the code that it shows there, or ask for a link here.',
      )
    return consume(tx, row, { signUp, from }, clock)
  })
}

/**
 * The other way to use a link: its code, typed in the browser that asked. Five wrong ones end the link.
 * @throws AppError `bad_input` on `code`; `gone` when this browser has no live link; `forbidden` as above
 */
export function redeemSignInCode(
  db: Db,
  code: string,
  { browserSecret, signUp, from }: Redemption,
  clock: Clock,
): SignedIn {
  const digits = code.replace(/[\s-]/g, '')
  const outcome = immediately(db, (tx) => {
    const row =
      browserSecret === undefined
        ? undefined
        : tx
            .select()
            .from(signInLinks)
            .where(and(byBrowser(browserSecret), isLive(clock())))
            .get()
    if (!row || browserSecret === undefined) throw gone()
    if (row.codeHash !== hashCode(browserSecret, digits)) {
      tx.update(signInLinks)
        .set({ wrongCodes: sql`${signInLinks.wrongCodes} + 1` })
        .where(eq(signInLinks.id, row.id))
        .run()
      return { left: WRONG_CODES_MAX - 1 - row.wrongCodes }
    }
    return consume(tx, row, { signUp, from }, clock)
  })
  if (!('left' in outcome)) return outcome
  // Thrown outside the transaction, which would take the count back.
  if (outcome.left === 0) throw gone()
  throw new AppError('bad_input', 'This is not the code that the link shows. Look again.', { field: 'code' })
}

function consume(
  tx: Tx,
  { id, email }: typeof signInLinks.$inferSelect,
  { signUp, from }: Pick<Redemption, 'signUp' | 'from'>,
  clock: Clock,
): SignedIn {
  tx.update(signInLinks).set({ usedAt: clock() }).where(eq(signInLinks.id, id)).run()
  if (email !== null)
    return beginSession(
      tx,
      admitByEmail(tx, { email, signUp, from }, clock),
      { how: 'Link by mail', from },
      clock,
    )
  const user = firstAdmin(tx) ?? createUser(tx, { name: 'Administrator', role: 'admin' }, clock)
  return beginSession(tx, user, { how: 'Link of the server’s terminal', from }, clock)
}
