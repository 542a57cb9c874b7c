import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import { EventSource } from 'eventsource'
import type { AppRouter } from '../../app/trpc/router'
import type { Login } from '../login'

/** The server's procedures, as app/trpc has them; subscriptions by server-sent events. */
export type Api = TRPCClient<AppRouter>

/** @param fetch what every request goes through, so that it is traced, limited in time and interrupted */
export function openApi({ server, token }: Login, fetch: typeof globalThis.fetch): Api {
  const url = `${server}/trpc`
  const authorization = `Bearer ${token}`
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: () => ({
            fetch: (input: string | URL | Request, init?: RequestInit) =>
              fetch(input, { ...init, headers: { ...init?.headers, authorization } }),
          }),
        }),
        false: httpLink({ url, fetch, headers: { authorization } }),
      }),
    ],
  })
}
