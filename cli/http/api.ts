import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import { EventSource } from 'eventsource'
import type { AppRouter } from '../../app/trpc/router'
import type { Login } from '../credentials/find'
import { noSlipway } from './refusals'
import type { Fetch, Reply } from './reply'

/** The server's procedures, as app/trpc has them; subscriptions by server-sent events. */
export type Api = TRPCClient<AppRouter>

/** @param fetch what every request goes through, so that it is traced, limited in time and interrupted */
export function openApi({ server, token }: Login, fetch: Fetch): Api {
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
            fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization } }),
          }),
        }),
        false: httpLink({ url, fetch: onlyJson(server, fetch), headers: { authorization } }),
      }),
    ],
  })
}

/** The client reads every answer as JSON, and keeps nothing of one that is none. */
const onlyJson =
  (server: string, fetch: Fetch) =>
  // The client itself asks with no more than this.
  async (input: unknown, init?: object): Promise<Reply> => {
    const answer = await fetch(String(input), init)
    if (/^application\/json\b/.test(answer.headers.get('content-type') ?? '')) return answer
    await answer.body?.cancel()
    throw noSlipway(answer, server)
  }
