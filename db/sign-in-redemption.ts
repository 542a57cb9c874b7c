import { eq } from 'drizzle-orm'
import { AppError } from '../errors'
import type { SignUp } from '../sign-in-settings'
import type { Clock, Db, Tx } from './open'
import { signInLinks } from './schema'
import type { RequestSource } from './sessions'
import { admitByEmail, beginSession, type SignedIn } from './sign-in'
import { attemptSignIn, SignInRefused } from './sign-in-attempts'
import {
  byBrowser,
  bySecret,
  findLink,
  hashCode,
  isAskedBy,
  isLive,
  type Link,
  WRONG_CODES_MAX,
} from './sign-in-links'
import { createUser, findUserByEmail, firstAdmin } from './users'

interface Redemption {
  /** Of the cookie of the browser that asks now. */
  browserSecret: string | undefined
  signUp: SignUp
  from: RequestSource
}

const GONE =
  'This sign-in link was already used, was replaced by a newer one, or has expired. Ask for a new one; `npm run sign-in-link` on the server prints one for the administrator.'

/** Of a link that is known no more, there is nothing to write down. */
const unknown = () => new AppError('gone', GONE)

const howOf = ({ email }: Link) => (email === null ? 'Link of the server’s terminal' : 'Link by mail')

/** What the audit log says of a link that signed nobody in. */
const refusalOf = (tx: Tx, link: Link, why: string) => ({
  why: `${howOf(link)}: ${why}`,
  subject: link.email === null ? undefined : findUserByEmail(tx, link.email),
})

/** A link that is known, but over. */
function over(tx: Tx, link: Link): SignInRefused {
  const why =
    link.usedAt !== null
      ? 'already used'
      : link.wrongCodes >= WRONG_CODES_MAX
        ? 'too many wrong codes'
        : 'expired'
  return new SignInRefused('gone', GONE, refusalOf(tx, link, why))
}

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
  const work = (tx: Tx) => {
    const link = findLink(tx, bySecret(secret))
    if (!link) throw unknown()
    if (!isLive(link, clock())) throw over(tx, link)
    if (!isAskedBy(link, browserSecret))
      throw new SignInRefused(
        'forbidden',
        'This link was asked for in another browser. Type the code that it shows there, or ask for a link here.',
        refusalOf(tx, link, 'used in another browser than the one that asked'),
      )
    return consume(tx, link, { signUp, from }, clock)
  }
  return attemptSignIn(db, from, work, clock)
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
  const work = (tx: Tx) => {
    const link = browserSecret === undefined ? undefined : findLink(tx, byBrowser(browserSecret))
    if (!link || browserSecret === undefined) throw unknown()
    if (!isLive(link, clock())) throw over(tx, link)
    if (link.codeHash === hashCode(browserSecret, digits)) return consume(tx, link, { signUp, from }, clock)
    const wrongCodes = link.wrongCodes + 1
    tx.update(signInLinks).set({ wrongCodes }).where(eq(signInLinks.id, link.id)).run()
    const facts = refusalOf(tx, link, 'a wrong code')
    // Returned, not thrown: the count has to stay.
    return wrongCodes < WRONG_CODES_MAX
      ? new SignInRefused('bad_input', 'This is not the code that the link shows. Look again.', facts, {
          field: 'code',
        })
      : new SignInRefused('gone', GONE, facts)
  }
  return attemptSignIn(db, from, work, clock)
}

function consume(
  tx: Tx,
  link: Link,
  { signUp, from }: Pick<Redemption, 'signUp' | 'from'>,
  clock: Clock,
): SignedIn {
  const { id, email } = link
  const how = howOf(link)
  tx.update(signInLinks).set({ usedAt: clock() }).where(eq(signInLinks.id, id)).run()
  const user =
    email !== null
      ? admitByEmail(tx, { email, how, signUp, from }, clock)
      : (firstAdmin(tx) ?? createUser(tx, { name: 'Administrator', role: 'admin' }, clock))
  return beginSession(tx, user, { how, from }, clock)
}
