import { useRevalidator } from '@remix-run/react'
import { createTRPCClient, httpSubscriptionLink, retryLink } from '@trpc/client'
import { useEffect, useRef, useState } from 'react'
import type { AppRouter } from '../trpc/router'

const POLL_EVERY_MS = 3000

export const client = createTRPCClient<AppRouter>({
  links: [
    // The browser itself comes back after a cut, and gives up for good once something else answers for the server.
    retryLink({ retry: () => true, retryDelayMs: () => POLL_EVERY_MS }),
    httpSubscriptionLink({ url: '/trpc' }),
  ],
})
export type LiveClient = typeof client

interface Handlers<T> {
  onData(data: T): void
  onConnectionStateChange(state: { state: 'idle' | 'connecting' | 'pending' }): void
  onError(): void
}

/**
 * What the page was loaded with, kept up to date by the server's events; while those don't come through,
 * by asking again every few seconds.
 * @param watch starts a subscription; which one may change with `key` only
 */
export function useLive<T>(
  loaded: T,
  key: string,
  watch: (client: LiveClient, handlers: Handlers<T>) => { unsubscribe(): void },
): T {
  const [latest, setLatest] = useState(loaded)
  const [isConnected, setConnected] = useState(true)
  const { revalidate } = useRevalidator()

  /** While events come through they are the newest there is: an answer that took longer would take the page back. */
  const isTold = useRef(false)

  useEffect(() => {
    if (!isTold.current) setLatest(loaded)
  }, [loaded])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `watch` is made anew by every render, and events follow what was loaded
  useEffect(() => {
    setLatest(loaded)
    const told = (isNow: boolean) => {
      isTold.current = isNow
    }
    const subscription = watch(client, {
      onData(data) {
        told(true)
        setLatest(data)
      },
      onConnectionStateChange({ state }) {
        // `idle`: the server has told all that there will ever be.
        setConnected(state !== 'connecting')
        if (state === 'connecting') told(false)
      },
      onError() {
        setConnected(false)
        told(false)
      },
    })
    return () => {
      told(false)
      subscription.unsubscribe()
    }
  }, [key])

  useEffect(() => {
    if (isConnected) return
    const timer = setInterval(revalidate, POLL_EVERY_MS)
    return () => clearInterval(timer)
  }, [isConnected, revalidate])

  return latest
}

/** Loads the page again whenever one of the user's machines changes. */
export function useReloadWithMachines(): void {
  const { revalidate } = useRevalidator()
  const seen = useLive<unknown>(undefined, 'list', (client, handlers) =>
    client.machines.watchList.subscribe(undefined, handlers),
  )
  useEffect(() => {
    if (seen) revalidate()
  }, [seen, revalidate])
}
