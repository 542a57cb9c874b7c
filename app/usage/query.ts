import type { Api } from '../trpc/router'

export type Usage = Awaited<ReturnType<Api['usage']['mine']>>
type Query = Extract<Parameters<Api['usage']['mine']>[0], object>

/** What an address asks of usage. The procedure's schema is what decides whether it may. */
export function usageQuery({ url }: Request): Query {
  const days = new URL(url).searchParams.get('days')
  return days ? { days: Number(days) as NonNullable<Query['days']> } : {}
}
