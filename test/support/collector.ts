import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { listen } from '../fakes/listen'

export interface Told {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: { key: string; value: Record<string, unknown> }[]
}

/** A collector of traces that keeps what it is sent. */
export async function collector() {
  const bodies: string[] = []
  const server = await listen(async (req, res) => {
    bodies.push((await buffer(req)).toString())
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  onTestFinished(server.close)
  const spans = () =>
    bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Told[] }[] }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      ),
    ) as Told[]
  return { url: server.url, bodies, spans }
}
