import type { Api } from '../trpc/router'

type Query = Extract<Parameters<Api['admin']['machines']>[0], object>

const PAGE = '/admin/machines'
export const FILTERS = ['status', 'user', 'kind', 'size', 'search'] as const

/** What an address asks of everybody's machines. The procedure's schema is what decides whether it may. */
export function allMachinesQuery({ url }: Request): Query {
  const kept = only(new URL(url).searchParams, [...FILTERS, 'before', 'after'])
  return Object.fromEntries(kept) as Query
}

/** The filters that an address has, without the page and the question. */
export const machineFilters = (params: URLSearchParams): URLSearchParams => only(params, FILTERS)

/** The address of the page of the list, without the question. */
export function machinesPageAt(params: URLSearchParams): string {
  const kept = only(params, [...FILTERS, 'before', 'after'])
  return kept.size ? `${PAGE}?${kept}` : PAGE
}

const only = (params: URLSearchParams, names: readonly string[]) =>
  new URLSearchParams(
    names.flatMap((name) => {
      const value = params.get(name)
      return value ? [[name, value]] : []
    }),
  )
