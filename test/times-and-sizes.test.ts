import { expect, it, test } from 'vitest'
import { formatBytes } from '~/format-bytes'
import { relativeTime } from '~/relative-time'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test.each([
  [90 * DAY - 1000, 'in 3 months'],
  [365 * DAY - MINUTE, 'next year'],
  [30 * DAY - 1000, 'next month'],
  [DAY - 1000, 'tomorrow'],
  [10 * HOUR - 1, 'in 10 hours'],
  [HOUR - 1, 'in 1 hour'],
  [59 * MINUTE, 'in 59 minutes'],
  [MINUTE - 1000, 'just now'],
])('what lies %i ms ahead is told to the nearest unit: %s', (ahead, words) => {
  expect(relativeTime(ahead, 0)).toBe(words)
})

test.each([
  [59_999, 'just now'],
  [2 * HOUR - 1, '1 hour ago'],
  [2 * DAY - 1, 'yesterday'],
  [90 * DAY - 1, '2 months ago'],
  [365 * DAY, 'last year'],
])('what was %i ms ago is told in units that are over: %s', (ago, words) => {
  expect(relativeTime(0, ago)).toBe(words)
})

it('sizes are told in units that need no plural', () => {
  expect([0, 1, 999, 1000, 1_250_000, 250_000_000].map(formatBytes)).toEqual([
    '0 B',
    '1 B',
    '999 B',
    '1.0 kB',
    '1.3 MB',
    '250 MB',
  ])
})
