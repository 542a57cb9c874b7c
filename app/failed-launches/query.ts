import { onlyParams } from '../params'
import type { Api } from '../trpc/router'

type Query = Extract<Parameters<Api['admin']['failedLaunches']>[0], object>

const PAGE = '/admin/failed-launches'
export const FILTERS = ['class', 'search', 'within'] as const
/** What failed in the last day. */
export const FAILED_TODAY = `${PAGE}?within=24h`

/** What an address asks of the failed launches. The procedure's schema is what decides whether it may. */
export function failedLaunchesQuery({ url }: Request): Query {
  const kept = onlyParams(new URL(url).searchParams, [...FILTERS, 'before', 'after'])
  return Object.fromEntries(kept) as Query
}

/** The filters that an address has, without the page and the question. */
export const filtersOf = (searchParams: URLSearchParams): URLSearchParams => onlyParams(searchParams, FILTERS)

export const pageWith = (filters: URLSearchParams): string => (filters.size ? `${PAGE}?${filters}` : PAGE)
