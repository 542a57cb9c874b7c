import { z } from 'zod'
import { type Actor, record } from '../../db/audit'
import {
  claimDeviceGrant,
  DEVICE_GRANT_LIFE_SECONDS,
  type DeviceGrant,
  decideDeviceGrant,
  findClaimedDeviceGrant,
  noSuchCode,
  redeemDeviceGrant,
  startDeviceGrant,
} from '../../db/device-grants'
import type { User } from '../../db/users'
import { AppError, isAppError, notFound } from '../../errors'
import { networkOf } from '../server/network-of'
import type { Context } from './context'
import { deviceGrantQuestion, deviceGrantView } from './device-grant-view'
import { deviceName } from './device-name'
import { deviceScopesInput } from './inputs'
import { assertKnownClient, assertMayAsk } from './oauth-client'
import { isForAdmins } from './scopes'
import { publicProcedure, router, sessionProcedure } from './trpc'

const byId = z.object({ id: z.string().max(64) })
const byCode = z.object({ userCode: z.string().max(64, 'is longer than a code') })

/** Every code counts against who types it until it turns out to be right: whoever typed too many gets no answer. */
async function withinTries<T>(
  ctx: Context & { user: { id: string }; by: Actor },
  look: () => T | undefined,
): Promise<T> {
  const tries = [
    ['wrong_device_codes_by_user', ctx.user.id],
    ['wrong_device_codes_by_address', networkOf(ctx.from.address)],
  ] as const
  try {
    for (const [limit, key] of tries) await ctx.limits.take(limit, key)
  } catch (error) {
    if (isAppError(error)) await raiseAlarm(ctx)
    throw error
  }
  const found = look()
  if (found === undefined) throw noSuchCode()
  for (const [limit, key] of tries) await ctx.limits.giveBack(limit, key)
  return found
}

/** Once in a while, however long the guessing goes on. */
async function raiseAlarm(ctx: Context & { user: { id: string }; by: Actor }) {
  const isFirst = await ctx.limits.take('device_code_alarms', ctx.user.id).then(
    () => true,
    () => false,
  )
  if (!isFirst) return
  ctx.logger.warn({ userId: ctx.user.id, address: ctx.from.address }, 'device codes are being guessed')
  record(ctx.db, { action: 'device_codes_guessed', by: ctx.by }, ctx.clock)
}

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
        deviceName: z.string().default(''),
        scopes: deviceScopesInput.default(['write']),
        intervalSeconds: z.number().int().min(1).max(60),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      assertMayAsk(ctx, input)
      await ctx.limits.take('device_grants', networkOf(ctx.from.address))
      const named = { ...input, deviceName: deviceName(input.deviceName, ctx.from, input.clientId) }
      const codes = startDeviceGrant(ctx.db, { ...named, from: ctx.from }, ctx.clock)
      return {
        ...codes,
        verificationUrl: `${ctx.policy.publicUrl}/cli-auth`,
        expiresInSeconds: DEVICE_GRANT_LIFE_SECONDS,
        intervalSeconds: input.intervalSeconds,
      }
    }),

  /** How a login stands; once, when it was authorized, with its token. */
  redeem: publicProcedure
    .input(
      z.object({
        deviceCode: z.string().max(200),
        clientId: z.string().max(100),
        /** Whether asking too soon is answered with `slow_down`. */
        isPaced: z.boolean(),
      }),
    )
    .mutation(({ ctx, input }) => {
      assertKnownClient(ctx, input.clientId)
      return redeemDeviceGrant(ctx.db, input, ctx.clock)
    }),

  /** What asks with this code. From now on it is this user's to decide. */
  lookUp: sessionProcedure.input(byCode).mutation(async ({ ctx, input }) => {
    const claim = () => claimDeviceGrant(ctx.db, ctx.user.id, input.userCode, ctx.clock)
    const grant = await withinTries(ctx, claim)
    return deviceGrantView(grant, ctx)
  }),

  /** A login that this user has entered the code of: what asks, for people, and how it stands. */
  get: sessionProcedure.input(byId).query(({ ctx, input }) => {
    const grant = findClaimedDeviceGrant(ctx.db, ctx.user.id, input.id)
    if (!grant) throw notFound('login')
    return deviceGrantQuestion(grant, ctx)
  }),

  /** Lets it in as this user, who has looked it up. */
  approve: sessionProcedure.input(byCode).mutation(({ ctx, input }) => decide(ctx, input, 'approved')),

  /** Turns it away for good. */
  deny: sessionProcedure.input(byCode).mutation(({ ctx, input }) => decide(ctx, input, 'denied')),

  /** Either of both, of what was looked up before. */
  decide: sessionProcedure
    .input(byId.extend({ decision: z.enum(['approved', 'denied']) }))
    .mutation(({ ctx, input }) => decide(ctx, { id: input.id }, input.decision)),

  /** Where the `runcomfy` command is installed from. */
  command: sessionProcedure.query(({ ctx }) => ({ packageUrl: `${ctx.policy.publicUrl}/cli.tgz` })),
})

function decide(
  ctx: Context & { user: User; by: Actor },
  which: { userCode: string } | { id: string },
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
