import { SESSION_LIFE_SECONDS } from '../../db/sessions'
import { maySignUp, type SignedIn } from '../../db/sign-in'
import { createMailLink, SIGN_IN_BROWSER_SECONDS } from '../../db/sign-in-links'
import { findUserByEmail } from '../../db/users'
import { AppError } from '../../errors'
import { signInMail } from '../accounts/messages'
import type { Context } from './context'
import { describeBrowser } from './describe-browser'

/** Hands the browser its new session and takes away whatever it began with. */
export function welcome(ctx: Context, { user, session }: SignedIn): void {
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
