import type { KeptCheck } from '../token-check'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const FIRST_PAUSE_MS = 15 * MINUTE_MS

/**
 * When to ask an issuer again about the same token: a day after an answer; after none in 15 minutes, then in
 * twice as long each time, up to a day, and never before the issuer wants it. Spread out, so that what was
 * saved together isn't asked together.
 * @param random from 0 to 1
 */
export function nextCheckAt(check: KeptCheck, now: number, random = Math.random()): number {
  if (check.state !== 'not_checked') return now + DAY_MS * (0.9 + random / 5)
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (check.failures - 1), DAY_MS)
  return Math.max(now + pause * (1 + random / 5), mayAskAt(check, now))
}

/** Before then the issuer does not want to be asked, whoever asks for it. */
export const mayAskAt = (check: KeptCheck | null, checkedAt: number): number =>
  check?.state === 'not_checked' ? checkedAt + (check.retryAfterSeconds ?? 0) * 1000 : checkedAt
