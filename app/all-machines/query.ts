import { onlyParams } from '../params'
import type { Api } from '../trpc/router'

type Query = Extract<Parameters<Api['admin']['machines']>[0], object>

const PAGE = '/admin/machines'
export const FILTERS = ['status', 'user', 'kind', 'size', 'search'] as const

/** What an address asks of everybody's machines. The procedure's schema is what decides whether it may. */
export function allMachinesQuery({ url }: Request): Query {
  const kept = onlyParams(new URL(url).searchParams, [...FILTERS, 'before', 'after'])
  return Object.fromEntries(kept) as Query
}

/** The filters that an address has, without the page and the question. */
export const machineFilters = (params: URLSearchParams): URLSearchParams => onlyParams(params, FILTERS)

/** The address of the page of the list, without the question. */
export function machinesPageAt(params: URLSearchParams): string {
  const kept = onlyParams(params, [...FILTERS, 'before', 'after'])
  return kept.size ? `${PAGE}?${kept}` : PAGE
}
