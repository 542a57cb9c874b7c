import type { Api } from '../../trpc/router'

type NewToken = Parameters<Api['apiTokens']['create']>[0]
/** The procedure's schema is what decides whether these are any. */
type Scopes = NewToken['scopes']

const DAY_MS = 24 * 60 * 60 * 1000
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

/** What the form was sent with, to fill it again. */
export type GivenToken = Record<string, string>

/**
 * What the form asks for.
 * @param given fields: `access` is read, write or fine; with fine, each area has a field `scope:<area>`.
 *   `expiry` is a number of days, never, or date, which then is in `date`.
 * @param now milliseconds since 1970
 */
export function newTokenInput(given: GivenToken, now: number): NewToken {
  return {
    name: given.name ?? '',
    scopes: scopesOf(given),
    expiresInDays: daysOf(given, now),
    idempotencyKey: given.idempotencyKey || undefined,
  }
}

function scopesOf(given: GivenToken): Scopes {
  if (given.access !== 'fine') return [given.access] as Scopes
  return Object.entries(given).flatMap(([field, access]) =>
    field.startsWith('scope:') && access ? [`${field.slice('scope:'.length)}:${access}`] : [],
  ) as Scopes
}

function daysOf({ expiry = '', date = '' }: GivenToken, now: number): number | null {
  if (expiry === 'never') return null
  if (expiry !== 'date') return Number(expiry)
  return (Date.parse(date) - Date.parse(dayOf(now))) / DAY_MS
}

/** The days between which a date can be chosen, as a date field wants them. */
export const expiryRange = (now: number) => ({ min: dayOf(now + DAY_MS), max: dayOf(now + 3650 * DAY_MS) })
