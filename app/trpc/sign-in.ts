import { SESSION_LIFE_SECONDS, signOut } from '../../db/sessions'
import { actorOf, maySignUp, type SignedIn, signInByIdentity } from '../../db/sign-in'
import { recordRefusal } from '../../db/sign-in-attempts'
import { addressOfCode, createMailLink, SIGN_IN_BROWSER_SECONDS } from '../../db/sign-in-links'
import { redeemSignInCode } from '../../db/sign-in-redemption'
import { findUserByEmail } from '../../db/users'
import { AppError, type ErrorCode, isAppError } from '../../errors'
import { signInMail } from '../accounts/messages'
import type { Context } from './context'
import { describeBrowser } from './describe-browser'

export const redemption = (ctx: Context) => ({
  browserSecret: ctx.cookies.get('sign_in'),
  signUp: ctx.policy.signUp,
  from: ctx.from,
})

/** Wrong codes count by the address of the link: asking for another link gives no more guesses. */
export async function signInWithCode(ctx: Context, code: string): Promise<SignedIn> {
  const { db, limits, from, clock } = ctx
  const given = redemption(ctx)
  const email = addressOfCode(db, given.browserSecret, clock)
  if (email !== undefined)
    await limits.take('wrong_codes', email).catch((error) => {
      const why = 'Link by mail: too many wrong codes for this address'
      if (isAppError(error)) recordRefusal(db, { why, subject: findUserByEmail(db, email) }, from, clock)
      throw error
    })
  const signedIn = redeemSignInCode(db, code, given, clock)
  if (email !== undefined) await limits.giveBack('wrong_codes', email)
  return signedIn
}

/** @param secret of the cookie of the browser that began @param answer where the provider sent it back to */
export async function signInWithProvider(
  ctx: Context,
  { id, label }: { id: string; label: string },
  secret: string,
  answer: URL,
): Promise<SignedIn> {
  const { db, from, clock, policy } = ctx
  const identity = await ctx.oidc.finish(id, secret, answer).catch((error) => {
    const why = isAppError(error) && PROVIDER_REFUSALS[error.code]
    if (why) recordRefusal(db, { why: `${label}: ${why}` }, from, clock)
    throw error
  })
  return signInByIdentity(db, identity, { label, signUp: policy.signUp, from }, clock)
}

/** A provider that is down has refused nobody. */
const PROVIDER_REFUSALS: Partial<Record<ErrorCode, string>> = {
  forbidden: 'cancelled there, or refused by it',
  gone: 'begun elsewhere, already used, or too late',
}

/** Hands the browser its new session, and ends the one that it had: nobody could find that again. */
export function welcome(ctx: Context, { user, session }: SignedIn): void {
  if (ctx.session) {
    signOut(ctx.db, ctx.session, actorOf(ctx.session.user, ctx.from), ctx.clock)
    ctx.afterAnswer(ctx.channels.recheck)
  }
  ctx.cookies.set('session', session, SESSION_LIFE_SECONDS)
  if (ctx.cookies.get('sign_in')) ctx.cookies.set('sign_in', undefined, 0)
  ctx.logger.info({ userId: user.id }, 'signed in')
}

/**
 * Makes a link for an address and sends it, if anybody may sign in with that address. The answer and the
 * time that it takes are the same if nobody may: what differs happens after the answer.
 */
export function sendSignInLink(ctx: Context, email: string): void {
  const { db, clock, from, policy, logger } = ctx
  const { secret, browserSecret } = createMailLink(db, { email, from }, clock)
  ctx.cookies.set('sign_in', browserSecret, SIGN_IN_BROWSER_SECONDS)
  ctx.afterAnswer(() => {
    deliver(ctx, email, `${policy.publicUrl}/sign-in/${secret}`).catch((error) =>
      logger.error({ reason: error instanceof Error ? error.message : 'unknown' }, 'sign-in link not sent'),
    )
  })
}

async function deliver(ctx: Context, email: string, link: string): Promise<void> {
  const { db, mailer, from, clock, policy } = ctx
  const user = findUserByEmail(db, email)
  if (user ? user.disabledAt !== null : !maySignUp(policy.signUp, email)) return
  if (!mailer) {
    // The terminal is where the operator looks for it; the log is read by others too.
    process.stdout.write(`Sign in as ${email}: ${link}\n`)
    return
  }
  const asked = { browser: describeBrowser(from.userAgent), address: from.address, at: new Date(clock()) }
  await mailer.send({ to: email, ...signInMail({ link, asked }) })
}

export const noSuchProvider = () =>
  new AppError('not_found', 'This server doesn’t sign in with that provider.', { field: 'provider' })
