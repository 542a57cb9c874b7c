import * as z from 'zod'
import { parseEnvironment } from './parse-environment'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const whole = (min: number, max: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`)

export const requestsSchema = z.object({
  REQUEST_IDLE_MINUTES: whole(1, 10_080).default(10).meta({
    description: 'How many minutes a machine that was launched for calls of models stays after the last one.',
  }),
  REQUEST_TIMEOUT_MINUTES: whole(1, 10_080)
    .default(60)
    .meta({ description: 'How many minutes a call of a model may be in progress.' }),
  REQUESTS_PER_USER: whole(1, 100_000)
    .default(100)
    .meta({ description: 'How many calls of one user may wait.' }),
  RESULT_DAYS: whole(1, 3650)
    .default(7)
    .meta({ description: 'How many days inputs and files of a call are kept after it has ended.' }),
  RESULT_BYTES_MAX: whole(1_000_000, 1_000_000_000_000)
    .default(2 * 1024 ** 3)
    .meta({ description: 'How many bytes all files of one call may have.' }),
})

/** How calls of models are served. */
export interface RequestSettings {
  /** How long a machine that was launched for requests stays after the last one. */
  idleMs: number
  /** How long one request may be in progress. */
  timeoutMs: number
  /** How many of one caller may wait. */
  queuedMax: number
  /** How long files and inputs are kept after a request has ended. */
  keptMs: number
  /** Of all files of one request. */
  bytesMax: number
}

/** @throws SettingsError naming each faulty setting and what it must be */
export function parseRequestSettings(source: Record<string, string | undefined>): {
  requests: RequestSettings
} {
  const env = parseEnvironment(requestsSchema, source)
  return {
    requests: {
      idleMs: env.REQUEST_IDLE_MINUTES * MINUTE_MS,
      timeoutMs: env.REQUEST_TIMEOUT_MINUTES * MINUTE_MS,
      queuedMax: env.REQUESTS_PER_USER,
      keptMs: env.RESULT_DAYS * DAY_MS,
      bytesMax: env.RESULT_BYTES_MAX,
    },
  }
}
