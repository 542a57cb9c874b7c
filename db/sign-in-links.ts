import { createHash } from 'node:crypto'
import { and, eq, isNull, lt, or, type SQL } from 'drizzle-orm'
import { OPERATOR, record } from './audit'
import { newId } from './ids'
import { type Clock, type Db, immediately, type Tx } from './open'
import { signInLinks } from './schema'
import { hashSecret, mintSecret } from './secrets'
import type { RequestSource } from './sessions'
import { firstAdmin } from './users'

const TERMINAL_LIFE_MS = 60 * 60 * 1000
const MAIL_LIFE_MS = 10 * 60 * 1000
export const WRONG_CODES_MAX = 5
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
    record(tx, { action: 'sign_in_link_made', by: OPERATOR }, clock)
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
  { email, from }: { email: string; from: RequestSource },
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
export const hashCode = (browserSecret: string, code: string) =>
  hashSecret('sign-in-code', `${browserSecret}:${code}`)

export type Link = typeof signInLinks.$inferSelect

export const isLive = ({ usedAt, expiresAt, wrongCodes }: Link, now: number) =>
  usedAt === null && expiresAt > now && wrongCodes < WRONG_CODES_MAX
export const findLink = (db: Db | Tx, which: SQL): Link | undefined =>
  db.select().from(signInLinks).where(which).get()
export const bySecret = (secret: string) => eq(signInLinks.secretHash, hashSecret('sign-in-link', secret))
export const byBrowser = (secret: string) =>
  eq(signInLinks.browserHash, hashSecret('sign-in-browser', secret))
export const isAskedBy = (row: Link, browserSecret: string | undefined) =>
  row.browserHash === null ||
  (browserSecret !== undefined && row.browserHash === hashSecret('sign-in-browser', browserSecret))

/** What a browser that opened the link may do with it. */
export type LinkView =
  | { state: 'gone' }
  /** Sign in. */
  | { state: 'here'; email: string | null }
  /** Show the code, to be typed where the link was asked for. */
  | { state: 'elsewhere'; email: string; code: string; askedFrom: RequestSource & { at: number } }

/** Looking changes nothing. */
export function lookAtLink(
  db: Db,
  secret: string,
  browserSecret: string | undefined,
  clock: Clock,
): LinkView {
  const row = findLink(db, bySecret(secret))
  if (!row || !isLive(row, clock())) return { state: 'gone' }
  const { email, address, userAgent, createdAt } = row
  if (isAskedBy(row, browserSecret) || email === null) return { state: 'here', email }
  return { state: 'elsewhere', email, code: codeOf(secret), askedFrom: { address, userAgent, at: createdAt } }
}

export const hasAnybodySignedIn = (db: Db): boolean => firstAdmin(db) !== undefined

/** The address whose link waits for a code of this browser; undefined when none does. */
export function addressOfCode(db: Db, browserSecret: string | undefined, clock: Clock): string | undefined {
  const link = browserSecret === undefined ? undefined : findLink(db, byBrowser(browserSecret))
  return link && isLive(link, clock()) ? (link.email ?? undefined) : undefined
}
