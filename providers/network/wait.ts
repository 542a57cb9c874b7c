import type { Answer } from './network'

/** An absurd header must not end the asking for ever. */
const WAIT_MAX_SECONDS = 7 * 24 * 3600

/** How long an answer says to wait, in seconds, by `Retry-After` or by `RateLimit`. */
export function waitSeconds(answer: Answer, now = Date.now()): number | undefined {
  const retryAfter = answer.header('retry-after')?.trim() ?? ''
  const rateLimit = /\bt=(\d+)/.exec(answer.header('ratelimit') ?? '')?.[1]
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : Number.isNaN(Date.parse(retryAfter))
      ? rateLimit && Number(rateLimit)
      : Math.ceil((Date.parse(retryAfter) - now) / 1000)
  return typeof seconds === 'number' ? Math.min(Math.max(seconds, 0) + 1, WAIT_MAX_SECONDS) : undefined
}
