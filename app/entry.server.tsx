import { PassThrough } from 'node:stream'
import {
  type AppLoadContext,
  createReadableStreamFromReadable,
  type EntryContext,
  type LoaderFunctionArgs,
} from '@remix-run/node'
import { isRouteErrorResponse, RemixServer } from '@remix-run/react'
import { isbot } from 'isbot'
import { renderToPipeableStream } from 'react-dom/server'
import { wentWrong } from '../errors'
import { NonceContext } from './nonce'

const RENDER_LIMIT_MS = 5000

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remix: EntryContext,
  { nonce, waitStatus, requestId, logger }: AppLoadContext,
): Promise<Response> {
  // A crawler wants the whole page, a person the first paint.
  const readyEvent = isbot(request.headers.get('user-agent') ?? '') ? 'onAllReady' : 'onShellReady'
  return new Promise((resolve, reject) => {
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remix} url={request.url} abortDelay={RENDER_LIMIT_MS} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        [readyEvent]: () => {
          const body = new PassThrough()
          headers.set('Content-Type', 'text/html; charset=utf-8')
          // Pages hold what is one person's: no cache keeps them.
          headers.set('Cache-Control', 'no-store')
          // A form that is shown again with its refusal is no success.
          const answer = { headers, status: waitStatus() ?? status }
          resolve(new Response(createReadableStreamFromReadable(body), answer))
          pipe(body)
        },
        onError: (error) => {
          if (request.signal.aborted) return
          logger.error({ err: error, path: new URL(request.url).pathname }, 'page failed')
        },
        // What is thrown here is what the page says instead.
        onShellError: () => reject(new Response(wentWrong(requestId), { status: 500 })),
      },
    )
    setTimeout(abort, RENDER_LIMIT_MS).unref()
  })
}

export function handleDataRequest(response: Response): Response {
  response.headers.set('Cache-Control', 'no-store')
  return response
}

/** A page that isn't there and a browser that went away are no faults of the server; an answer has said itself why. */
export function handleError(error: unknown, { request, context }: LoaderFunctionArgs): void {
  if (request.signal.aborted || error instanceof Response) return
  if (isRouteErrorResponse(error) && error.status < 500) return
  context.logger.error({ err: error, path: new URL(request.url).pathname }, 'page failed')
}
