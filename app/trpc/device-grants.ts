import * as z from 'zod'
import type { Actor } from '../../db/audit'
import { looksLikeUserCode } from '../../db/device-codes'
import {
  claimDeviceGrant,
  decideDeviceGrant,
  findClaimedDeviceGrant,
  noSuchCode,
} from '../../db/device-grant-decisions'
import { redeemDeviceGrant } from '../../db/device-grant-redemption'
import { DEVICE_GRANT_LIFE_SECONDS, type DeviceGrant, startDeviceGrant } from '../../db/device-grants'
import { DEVICE_PROTOCOLS } from '../../db/schema'
import type { User } from '../../db/users'
import { AppError, notFound } from '../../errors'
import { networkOf } from '../server/network-of'
import type { Context } from './context'
import { withinTries } from './device-code-tries'
import { deviceGrantQuestion, deviceGrantView } from './device-grant-view'
import { deviceName } from './device-name'
import { deviceNameInput, deviceScopesInput } from './inputs'
import { assertKnownClient, assertMayAsk } from './oauth-client'
import { isForAdmins } from './scopes'
import { publicProcedure, router, sessionProcedure } from './trpc'

const byId = z.object({ id: z.string().max(64) })
const byCode = z.object({ userCode: z.string().max(64, 'is longer than a code') })
/** By the code, or by the id that looking it up answers. */
const byEither = byCode
  .extend(byId.shape)
  .partial()
  .refine(({ userCode, id }) => userCode !== undefined || id !== undefined, {
    path: ['userCode'],
    error: 'is missing',
  })

export const deviceGrantsRouter = router({
  /**
   * Begins a login of a program without a browser.
   * Answers the code that it polls with, and the one that its user types at `/cli-auth`.
   */
  start: publicProcedure
    .input(
      z.object({
        clientId: z.string().max(100),
        /** What it calls itself; without it, its User-Agent is its name. */
        deviceName: deviceNameInput.default(''),
        scopes: deviceScopesInput.default(['write']),
        /** How often it polls, and whether it is told off when it does so too soon, hang on this. */
        protocol: z.enum(DEVICE_PROTOCOLS).default('oauth'),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      assertMayAsk(ctx, input)
      await ctx.limits.take('device_grants', networkOf(ctx.from.address))
      await ctx.limits.take('device_grants_by_site', networkOf(ctx.from.address, 48))
      const named = { ...input, deviceName: deviceName(input.deviceName, ctx.from, input.clientId) }
      const codes = startDeviceGrant(ctx.db, { ...named, from: ctx.from }, ctx.clock)
      return {
        ...codes,
        verificationUrl: `${ctx.policy.publicUrl}/cli-auth`,
        expiresInSeconds: DEVICE_GRANT_LIFE_SECONDS,
      }
    }),

  /** How a login stands; once, when it was authorized, with its token. */
  redeem: publicProcedure
    .input(z.object({ deviceCode: z.string().max(200), clientId: z.string().max(100) }))
    .mutation(({ ctx, input }) => {
      assertKnownClient(ctx, input.clientId)
      return redeemDeviceGrant(ctx.db, { ...input, from: ctx.from }, ctx.clock)
    }),

  /** What asks with this code. From now on it is this user's to decide. */
  lookUp: sessionProcedure.input(byCode).mutation(async ({ ctx, input }) => {
    if (!looksLikeUserCode(input.userCode)) throw noSuchCode()
    const grant = await withinTries(ctx, () => claim(ctx, input.userCode))
    return deviceGrantView(grant, ctx)
  }),

  /** A login that this user has entered the code of: what asks, for people, and how it stands. */
  get: sessionProcedure.input(byId).query(({ ctx, input }) => {
    const grant = findClaimedDeviceGrant(ctx.db, ctx.user.id, input.id)
    if (!grant) throw notFound('login')
    return deviceGrantQuestion(grant, ctx)
  }),

  /** Lets it in as this user, who has looked it up. */
  approve: sessionProcedure.input(byEither).mutation(({ ctx, input }) => decide(ctx, input, 'approved')),

  /** Turns it away for good, also when it was let in, as long as it has no token. */
  deny: sessionProcedure.input(byEither).mutation(({ ctx, input }) => decide(ctx, input, 'denied')),

  /** Where the `runcomfy` command is installed from. */
  command: sessionProcedure.query(({ ctx }) => ({ packageUrl: `${ctx.policy.publicUrl}/cli.tgz` })),
})

function claim({ db, user, from, clock, logger }: Context & { user: User }, userCode: string) {
  const { mine, denied } = claimDeviceGrant(db, user.id, userCode, clock)
  if (denied)
    logger.warn(
      { userId: denied.userId, strangerId: user.id, address: from.address },
      'a device login was denied: others kept entering its code',
    )
  return mine
}

function decide(
  ctx: Context & { user: User; by: Actor },
  which: z.output<typeof byEither>,
  decision: 'approved' | 'denied',
) {
  const { db, user, by, clock } = ctx
  const mayHave = ({ scopes }: DeviceGrant) => {
    if (decision === 'approved' && isForAdmins(scopes.split(' ')) && user.role !== 'admin')
      throw new AppError(
        'forbidden',
        'It asks to administer this server, which your account may not. Deny it, and log in without that.',
      )
  }
  return deviceGrantView(decideDeviceGrant(db, user.id, { ...which, decision, mayHave }, by, clock), ctx)
}
