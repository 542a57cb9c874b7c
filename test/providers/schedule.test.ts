import { expect, it } from 'vitest'
import { nextCheckAt } from '~/providers/checks/schedule'
import type { KeptCheck } from '~/providers/token-check'

const NOW = Date.UTC(2026, 10, 22)
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const VALID: KeptCheck = { state: 'valid', account: 'ada', role: null, expiresAt: null, warnings: [] }
const failed = (failures: number, retryAfterSeconds?: number): KeptCheck => ({
  state: 'not_checked',
  message: '',
  failures,
  lastAnswer: null,
  retryAfterSeconds,
})
const wait = (check: KeptCheck, random: number) => nextCheckAt(check, NOW, random) - NOW

it('after an answer the issuer is asked again a day later, spread out', () => {
  for (const check of [VALID, { state: 'refused', message: '' } as const])
    expect([wait(check, 0), wait(check, 1)]).toEqual([(9 * DAY_MS) / 10, (11 * DAY_MS) / 10])
})

it('fault 97: after no answer it takes 15 minutes, then longer each time, up to a day', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => wait(failed(failures), 0) / MINUTE_MS)
  expect(minutes).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440])
  expect(wait(failed(1), 1)).toBeGreaterThan(15 * MINUTE_MS)
})

it('fault 97: never before the issuer wants to be asked again', () => {
  for (const random of [0, 0.5, 1]) {
    expect(wait(failed(1, 3 * 3600), random)).toBe(180 * MINUTE_MS)
    expect(wait(failed(1, 5), random)).toBeGreaterThanOrEqual(15 * MINUTE_MS)
  }
})
