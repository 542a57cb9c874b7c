import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../../errors'

const MINUTE = 60
const HOUR = 60 * MINUTE

/** How often something may be done, by whom, in how many seconds. */
const LIMITS = {
  /** Asking for a sign-in link. */
  sign_in_by_address: { points: 20, seconds: 10 * MINUTE },
  sign_in_by_email: { points: 5, seconds: 10 * MINUTE },
  /** Using a link or a code, or coming back from an OIDC provider. */
  sign_in_attempts: { points: 30, seconds: 10 * MINUTE },
  /** API tokens that open nothing, by network address. */
  wrong_api_tokens: { points: 60, seconds: MINUTE },
  /** By user. */
  token_minting: { points: 20, seconds: HOUR },
  provider_token_saves: { points: 30, seconds: 10 * MINUTE },
  provider_token_checks: { points: 30, seconds: 10 * MINUTE },
  launches: { points: 60, seconds: MINUTE },
  invitations: { points: 100, seconds: HOUR },
} as const
export type LimitName = keyof typeof LIMITS

export interface Limits {
  /**
   * Counts one more.
   * @param key who: an address, a user's id
   * @throws AppError `rate_limited`, with when to come back
   */
  take(name: LimitName, key: string): Promise<void>
}

/**
 * Counts in Redis, so that all processes count together, and in memory while Redis is away.
 * @param redis one whose commands fail at once when it is away; without one, memory alone
 */
export function openLimits(redis: Redis | undefined, installationId: string): Limits {
  const limiters = Object.entries(LIMITS).map(([name, { points, seconds }]) => {
    const options = { keyPrefix: `slipway:${installationId}:limit:${name}`, points, duration: seconds }
    const insurance = new RateLimiterMemory(options)
    return [
      name,
      redis
        ? new RateLimiterRedis({
            ...options,
            storeClient: redis,
            rejectIfRedisNotReady: true,
            insuranceLimiter: insurance,
          })
        : insurance,
    ]
  })
  const byName: Record<LimitName, RateLimiterMemory | RateLimiterRedis> = Object.fromEntries(limiters)
  return {
    async take(name, key) {
      try {
        await byName[name].consume(key)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        throw tooMany(Math.max(1, Math.ceil(error.msBeforeNext / 1000)))
      }
    },
  }
}

function tooMany(retryAfterSeconds: number): AppError {
  const wait =
    retryAfterSeconds > 90 ? `${Math.ceil(retryAfterSeconds / 60)} minutes` : `${retryAfterSeconds} s`
  return new AppError('rate_limited', `That was too often. Try again in ${wait}.`, { retryAfterSeconds })
}
