import { onlyParams } from './params'
import type { Api } from './trpc/router'

type Query = Extract<Parameters<Api['admin']['users']['list']>[0], object>

const PAGE = '/admin/users'

/** What an address asks of the list of users. The procedure's schema is what decides whether it may. */
export function userListQuery({ url }: Request): Query {
  const { searchParams } = new URL(url)
  const text = (name: string) => searchParams.get(name) || undefined
  return { search: text('search'), before: text('before'), after: text('after') }
}

/** What is searched for, without the page and the question. */
export const usersFilters = (params: URLSearchParams): URLSearchParams => onlyParams(params, ['search'])

/** The address of the page of the list, without the question. */
export function usersPageAt(params: URLSearchParams): string {
  const kept = onlyParams(params, ['search', 'before', 'after'])
  return kept.size ? `${PAGE}?${kept}` : PAGE
}
