import { z } from 'zod'
import { type Actor, record } from '../../db/audit'
import {
  claimDeviceGrant,
  DEVICE_GRANT_LIFE_SECONDS,
  type DeviceGrant,
  decideDeviceGrant,
  noSuchCode,
  redeemDeviceGrant,
  startDeviceGrant,
} from '../../db/device-grants'
import { AppError, isAppError } from '../../errors'
import { networkOf } from '../server/network-of'
import type { Context } from './context'
import { deviceName } from './device-name'
import { deviceScopesInput } from './inputs'
import { iso } from './iso'
import { assertKnownClient } from './oauth-client'
import { isForAdmins } from './scopes'
import { publicProcedure, router, sessionProcedure } from './trpc'

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
      assertKnownClient(ctx, input.clientId)
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
    return { ...view(grant), clientName: ctx.oauth.clientName(grant.clientId) ?? grant.clientId }
  }),

  /** Lets it in as this user, who has looked it up. */
  approve: sessionProcedure.input(byCode).mutation(({ ctx, input }) => {
    const mayHave = ({ scopes }: DeviceGrant) => {
      if (isForAdmins(scopes.split(' ')) && ctx.user.role !== 'admin')
        throw new AppError(
          'forbidden',
          'It asks to administer this server, which your account may not. Deny it, and log in without that.',
        )
    }
    const decision = { userCode: input.userCode, decision: 'approved', mayHave } as const
    return view(decideDeviceGrant(ctx.db, ctx.user.id, decision, ctx.by, ctx.clock))
  }),

  /** Turns it away for good. */
  deny: sessionProcedure
    .input(byCode)
    .mutation(({ ctx, input }) =>
      view(decideDeviceGrant(ctx.db, ctx.user.id, { ...input, decision: 'denied' }, ctx.by, ctx.clock)),
    ),
})

const view = ({ clientId, deviceName, scopes, address, userAgent, createdAt, expiresAt }: DeviceGrant) => ({
  clientId,
  deviceName,
  scopes: scopes.split(' '),
  address,
  userAgent,
  createdAt: iso(createdAt),
  expiresAt: iso(expiresAt),
})
