import { type ClientActionFunctionArgs, isRouteErrorResponse } from '@remix-run/react'

/**
 * The `clientAction` of pages with much to type: an answer that doesn't come through, as when the network drops,
 * is said in the form instead of taking it away. Answers of the server's own count.
 */
export async function keepsForm({ serverAction }: ClientActionFunctionArgs): Promise<unknown> {
  try {
    return await serverAction()
  } catch (error) {
    if (error instanceof Response || isRouteErrorResponse(error)) throw error
    return {
      fault: { field: null, message: 'No answer came from the server. Nothing is lost here: try again.' },
    }
  }
}
