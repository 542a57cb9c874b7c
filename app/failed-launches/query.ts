import type { Api } from '../trpc/router'

type Query = Extract<Parameters<Api['admin']['failedLaunches']>[0], object>

const PAGE = '/admin/failed-launches'
export const FILTERS = ['class', 'search'] as const

/** What an address asks of the failed launches. The procedure's schema is what decides whether it may. */
export function failedLaunchesQuery({ url }: Request): Query {
  const { searchParams } = new URL(url)
  const text = (name: string) => searchParams.get(name) || undefined
  return { class: text('class'), search: text('search'), before: text('before'), after: text('after') }
}

/** The filters that an address has, without the page and the question. */
export const filtersOf = (searchParams: URLSearchParams): URLSearchParams =>
  new URLSearchParams(
    FILTERS.flatMap((name) => {
      const value = searchParams.get(name)
      return value ? [[name, value]] : []
    }),
  )

export const pageWith = (filters: URLSearchParams): string => (filters.size ? `${PAGE}?${filters}` : PAGE)
