import { type ClientLoaderFunctionArgs, isRouteErrorResponse } from '@remix-run/react'

const RELOAD_AGAIN_AFTER_MS = 2000
/** A network that only changes drops what is under way, and takes what comes right after. */
const FIRST_LOAD = { triesMax: 3, againAfterMs: 300 }

/**
 * The `clientLoader` of pages that reload themselves, and of what is round them. While a reload doesn't come
 * through, as when the network changes or the server restarts, the page stays as it is and tries again;
 * whoever goes to another page is told soon. Answers of the server's own, such as "not found" and the way to
 * the sign-in, count.
 */
export function keepsShown() {
  let shown: { url: string; data: unknown } | undefined
  async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs): Promise<unknown> {
    const { url, signal } = request
    for (let tries = 1; ; tries++) {
      try {
        const data = await serverLoader()
        shown = { url, data }
        return data
      } catch (error) {
        const isAnswer = error instanceof Response || isRouteErrorResponse(error)
        if (isAnswer || signal.aborted || (shown?.url !== url && tries >= FIRST_LOAD.triesMax)) throw error
      }
      const waitMs = shown?.url === url ? RELOAD_AGAIN_AFTER_MS : FIRST_LOAD.againAfterMs
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      signal.throwIfAborted()
    }
  }
  // What the server rendered counts as shown; nothing is asked for that.
  clientLoader.hydrate = true as const
  return clientLoader
}
