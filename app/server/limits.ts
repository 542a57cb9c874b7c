import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../../errors'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

interface Limit {
  points: number
  seconds: number
  /** What whoever goes beyond it is told. */
  says?: string
}

/** How often something may be done, by whom, in how many seconds. */
const LIMITS = {
  /** Asking for a sign-in link. */
  links_by_address: { points: 20, seconds: 10 * MINUTE },
  links_by_email_and_address: { points: 5, seconds: 10 * MINUTE },
  /** Against flooding a mailbox. One network address alone gets to 35, so it can't keep its owner from asking. */
  links_by_email: { points: 40, seconds: HOUR },
  /** Using a link or a code, or coming back from an OIDC provider. */
  sign_in_attempts: { points: 30, seconds: 10 * MINUTE },
  /** Six digits are few. By the e-mail address of the link. */
  wrong_codes: {
    points: 10,
    seconds: DAY,
    says: 'Too many wrong codes were typed for this address. Open the link itself in the browser that asked for it: that still signs in.',
  },
  /** API tokens that open nothing, by network address. */
  wrong_api_tokens: { points: 60, seconds: MINUTE },
  /** Logins of devices, by network address. */
  device_grants: { points: 30, seconds: 10 * MINUTE },
  /** Of all IPv6 networks of a site together. */
  device_grants_by_site: { points: 120, seconds: 10 * MINUTE },
  /** Codes of devices that no login waits for. */
  wrong_device_codes_by_user: { points: 10, seconds: 10 * MINUTE, says: 'Too many wrong codes.' },
  wrong_device_codes_by_address: {
    points: 30,
    seconds: 10 * MINUTE,
    says: 'Too many wrong codes from your network.',
  },
  device_code_alarms: { points: 1, seconds: 10 * MINUTE },
  /** By user. */
  token_minting: { points: 20, seconds: HOUR },
  provider_token_saves: { points: 30, seconds: 10 * MINUTE },
  provider_token_checks: { points: 30, seconds: 10 * MINUTE },
  launches: { points: 60, seconds: MINUTE },
  /** Each reads a whole workspace. */
  saves: { points: 60, seconds: HOUR },
  /** Reading a workflow counts as much as publishing it. */
  model_publications: { points: 120, seconds: HOUR },
  model_requests: { points: 600, seconds: MINUTE },
  invitations: { points: 100, seconds: HOUR },
} as const satisfies Record<string, Limit>
export type LimitName = keyof typeof LIMITS

export interface Limits {
  /**
   * Counts one more.
   * @param key who: an address, a user's id
   * @throws AppError `rate_limited`, with when to come back
   */
  take(name: LimitName, key: string): Promise<void>
  /** Takes one back that should not have counted. */
  giveBack(name: LimitName, key: string): Promise<void>
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
        throw tooMany(LIMITS[name], Math.max(1, Math.ceil(error.msBeforeNext / 1000)))
      }
    },
    async giveBack(name, key) {
      await byName[name].reward(key)
    },
  }
}

function tooMany({ says = 'That was too often.' }: Limit, retryAfterSeconds: number): AppError {
  return new AppError('rate_limited', `${says} Try again in ${inWords(retryAfterSeconds)}.`, {
    retryAfterSeconds,
  })
}

function inWords(seconds: number): string {
  if (seconds <= 90) return `${seconds} s`
  if (seconds <= 90 * MINUTE) return `${Math.ceil(seconds / MINUTE)} minutes`
  return `${Math.ceil(seconds / HOUR)} hours`
}
