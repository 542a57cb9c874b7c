import { onlyParams } from '../params'
import type { Api } from '../trpc/router'

type Query = Extract<Parameters<Api['admin']['audit']>[0], object>

export const AUDIT_FILTERS = ['action', 'userId', 'from', 'to'] as const

/** What an address asks of the audit log. The procedure's schema is what decides whether it may. */
export function auditQuery({ url }: Request): Query {
  const { searchParams } = new URL(url)
  const text = (name: string) => searchParams.get(name) || undefined
  const number = (name: string) => (searchParams.get(name) ? Number(searchParams.get(name)) : undefined)
  return {
    action: text('action') as Query['action'],
    userId: text('userId'),
    from: text('from'),
    to: text('to'),
    before: number('before'),
    after: number('after'),
  }
}

/** The filters that an address has, without the page. */
export const auditFilters = (params: URLSearchParams): URLSearchParams => onlyParams(params, AUDIT_FILTERS)
