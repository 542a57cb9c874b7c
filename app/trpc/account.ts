import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { endOtherSessions, endSession, listSessions, signOut } from '../../db/sessions'
import { lookAtLink } from '../../db/sign-in-links'
import { redeemSignInLink } from '../../db/sign-in-redemption'
import { changeUser, chooseUsername } from '../../db/users'
import { AppError, isAppError } from '../../errors'
import { username } from '../../workflows/definition'
import { networkOf } from '../server/network-of'
import { auditView, ownAuditActions, ownAuditPage } from './audit-view'
import { describeBrowser } from './describe-browser'
import { firstStepsFor, hideFirstSteps, hidesFirstSteps } from './first-steps'
import { emailInput, nameInput } from './inputs'
import { iso } from './iso'
import {
  noSuchProvider,
  redemption,
  sendSignInLink,
  signInWithCode,
  signInWithProvider,
  welcome,
} from './sign-in'
import { publicProcedure, router, sessionProcedure, userProcedure } from './trpc'

const OIDC_LIFE_SECONDS = 10 * 60
/** In place of a secret, after the person that the provider knows was refused here. */
const REFUSED = 'refused'
const link = z.object({ token: z.string().max(100) })
const oidcProvider = z.string().max(64)
const attempt = publicProcedure.use(async ({ ctx, next }) => {
  await ctx.limits.take('sign_in_attempts', networkOf(ctx.from.address))
  return next()
})

/** Where somebody is who did something to one's account is for administrators. */
const withoutOthersAddresses = <T extends ReturnType<typeof auditView>['entries'][number]>(entry: T): T =>
  entry.isByYou || entry.byKind === 'visitor' ? entry : { ...entry, address: null }

export const accountRouter = router({
  me: userProcedure.meta({ scope: 'account:read' }).query(({ ctx: { user } }) => ({
    id: user.id,
    name: user.name,
    email: user.email,
    role: user.role,
    username: user.username,
  })),

  /** Who asks, and with which API token; a browser asks with none. */
  whoami: userProcedure.meta({ scope: 'any' }).query(({ ctx: { user, apiToken } }) => {
    const token = apiToken && 'grant' in apiToken ? apiToken.grant : undefined
    return {
      ...{ id: user.id, name: user.name, email: user.email, role: user.role, username: user.username },
      token: token && {
        ...{ type: token.type, name: token.name, scopes: token.scopes },
        createdAt: iso(token.createdAt),
      },
    }
  }),

  /** The ways to sign in here. */
  signInOptions: publicProcedure.query(({ ctx }) => ({
    /** Links are printed by the server where it has no mail server. */
    mail: { isPrinted: ctx.mailer === undefined },
    providers: ctx.oidc.providers.map(({ id, label }) => ({ id, label })),
    signUp: ctx.policy.signUp.kind,
  })),

  /** Sends a one-time link to an address. Says the same whether anybody here has it or not. */
  requestLink: publicProcedure.input(z.object({ email: emailInput })).mutation(async ({ ctx, input }) => {
    const network = networkOf(ctx.from.address)
    await ctx.limits.take('links_by_address', network)
    await ctx.limits.take('links_by_email_and_address', `${input.email} ${network}`)
    await ctx.limits.take('links_by_email', input.email)
    sendSignInLink(ctx, input.email)
  }),

  /** What this browser may do with a link; looking changes nothing. */
  lookAtLink: publicProcedure.input(link).query(({ ctx, input }) => {
    const view = lookAtLink(ctx.db, input.token, ctx.cookies.get('sign_in'), ctx.clock)
    if (view.state !== 'elsewhere') return view
    const { address, userAgent, at } = view.askedFrom
    return { ...view, askedFrom: { address, browser: describeBrowser(userAgent), at: iso(at) } }
  }),

  signIn: attempt
    .input(link)
    .mutation(({ ctx, input }) =>
      welcome(ctx, redeemSignInLink(ctx.db, input.token, redemption(ctx), ctx.clock)),
    ),

  /** With the code that a link shows in another browser. */
  signInWithCode: attempt
    .input(z.object({ code: z.string().max(20, 'is six digits') }))
    .mutation(async ({ ctx, input }) => welcome(ctx, await signInWithCode(ctx, input.code))),

  /** Answers where to send the browser to sign in with a provider. */
  beginOidc: attempt.input(z.object({ provider: oidcProvider })).mutation(async ({ ctx, input }) => {
    if (!ctx.oidc.providers.some(({ id }) => id === input.provider)) throw noSuchProvider()
    const secret = randomBytes(32).toString('base64url')
    const isAgain = ctx.cookies.get('oidc') === REFUSED
    const url = await ctx.oidc.begin(input.provider, secret, { asAnother: isAgain })
    ctx.cookies.set('oidc', secret, OIDC_LIFE_SECONDS)
    return { url: url.href }
  }),

  /** Signs in with what the provider sent the browser back with. */
  finishOidc: attempt
    .input(z.object({ provider: oidcProvider, url: z.url().max(8000) }))
    .mutation(async ({ ctx, input }) => {
      const provider = ctx.oidc.providers.find(({ id }) => id === input.provider)
      if (!provider) throw noSuchProvider()
      const secret = ctx.cookies.get('oidc')
      if (!secret || secret === REFUSED)
        throw new AppError('gone', 'This sign-in was begun in another browser or took too long. Begin again.')
      ctx.cookies.set('oidc', undefined, 0)
      const signedIn = await signInWithProvider(ctx, provider, secret, new URL(input.url)).catch((error) => {
        // The provider would lead straight back as the same person.
        if (isAppError(error) && error.code === 'forbidden')
          ctx.cookies.set('oidc', REFUSED, OIDC_LIFE_SECONDS)
        throw error
      })
      welcome(ctx, signedIn)
    }),

  signOut: sessionProcedure.mutation(({ ctx }) => {
    signOut(ctx.db, ctx.session, ctx.by, ctx.clock)
    ctx.cookies.set('session', undefined, 0)
    ctx.afterAnswer(ctx.channels.recheck)
  }),

  update: userProcedure
    .meta({ scope: 'account:write' })
    .input(z.object({ name: nameInput }))
    .mutation(({ ctx, input }) => changeUser(ctx.db, ctx.user.id, input, ctx.by, ctx.clock)),

  /** The name that one's models are published under, for good. */
  chooseUsername: userProcedure
    .meta({ scope: 'account:write' })
    .input(z.object({ username }))
    .mutation(({ ctx, input }) => chooseUsername(ctx.db, ctx.user.id, input.username, ctx.by, ctx.clock)),

  /** Every browser that is signed in as this user. */
  sessions: sessionProcedure.query(({ ctx }) =>
    listSessions(ctx.db, ctx.user.id, ctx.clock).map((session) => ({
      id: session.id,
      browser: describeBrowser(session.userAgent),
      address: session.address,
      createdAt: iso(session.createdAt),
      lastSeenAt: iso(session.lastSeenAt),
      expiresAt: iso(session.expiresAt),
      isThisOne: session.id === ctx.session.id,
    })),
  ),

  endSession: sessionProcedure.input(z.object({ id: z.string().max(64) })).mutation(({ ctx, input }) => {
    endSession(ctx.db, ctx.user.id, input.id, ctx.by, ctx.clock)
    ctx.afterAnswer(ctx.channels.recheck)
  }),

  endOtherSessions: sessionProcedure.mutation(({ ctx }) => {
    const ended = endOtherSessions(ctx.db, ctx.user.id, ctx.session.id, ctx.by, ctx.clock)
    ctx.afterAnswer(ctx.channels.recheck)
    return { ended }
  }),

  /** How far the user has come on the way to a first download, and whether this browser hides that. */
  firstSteps: sessionProcedure.query(({ ctx }) => ({
    isHidden: hidesFirstSteps(ctx, ctx.user.id),
    ...firstStepsFor(ctx, ctx.user.id),
  })),

  /** Hides the first steps in this browser, or brings them back. */
  showFirstSteps: sessionProcedure
    .input(z.object({ show: z.boolean() }))
    .mutation(({ ctx, input }) => hideFirstSteps(ctx, ctx.user.id, !input.show)),

  /** What happened to this account and what it did, the latest first. */
  activity: userProcedure
    .meta({ scope: 'account:read' })
    .input(ownAuditPage)
    .query(({ ctx, input }) => {
      const { entries, ...page } = auditView(ctx.db, { ...input, userId: ctx.user.id }, ctx.user.id)
      return { ...page, entries: entries.map(withoutOthersAddresses) }
    }),

  /** The kinds of entries that can be among them. */
  activityActions: userProcedure
    .meta({ scope: 'account:read' })
    .query(({ ctx }) => ownAuditActions(ctx.user.role)),
})
