import { type ClientLoaderFunctionArgs, isRouteErrorResponse } from '@remix-run/react'

const TRY_AGAIN_AFTER_MS = 2000

/**
 * The `clientLoader` of a page that reloads itself: while a reload doesn't come through, as when the network
 * changes or the server restarts, the page stays as it is and tries again. Answers of the server's own, such
 * as "not found" and the way to the sign-in, count; and whoever goes to another page is told at once.
 */
export function keepsShown() {
  let shown: { url: string; data: unknown } | undefined
  async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs): Promise<unknown> {
    const { url, signal } = request
    try {
      const data = await serverLoader()
      shown = { url, data }
      return data
    } catch (error) {
      const isAnswer = error instanceof Response || isRouteErrorResponse(error)
      if (isAnswer || signal.aborted || shown?.url !== url) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER_MS))
    signal.throwIfAborted()
    return clientLoader({ request, serverLoader } as ClientLoaderFunctionArgs)
  }
  // What the server rendered counts as shown; nothing is asked for that.
  clientLoader.hydrate = true as const
  return clientLoader
}
