import type { LoaderFunctionArgs } from '@remix-run/node'
import { orRefuse } from '../guard'
import { attemptOf, type LogService } from '../log-query'

/** All that is kept of a service's log, as a text file; read page by page while it is sent. */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const { id = '', file = '' } = params
  const [, name] = /^(\w+)\.log$/.exec(file) ?? []
  if (!name) throw new Response('There is no such log.', { status: 404 })
  const log = { id, service: name as LogService, attempt: attemptOf(new URL(request.url).searchParams) }
  const read = (cursor?: string) => context.api.machines.logs({ ...log, cursor })
  // What is printed while it is sent isn't part of it, or it might never end.
  const { to: end, service, attempt, dropped } = await orRefuse(read())
  const encoder = new TextEncoder()
  let cursor = 'start'
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (dropped) controller.enqueue(encoder.encode(`[slipway] The first ${dropped} bytes are not kept.\n`))
    },
    async pull(controller) {
      const { text, to, newer } = await read(cursor)
      cursor = newer
      if (text) controller.enqueue(encoder.encode(text))
      if (!text || to >= end) controller.close()
    },
  })
  return new Response(body, {
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `attachment; filename="${id}-${service}-${attempt}.log"`,
      'Cache-Control': 'no-store',
    },
  })
}
