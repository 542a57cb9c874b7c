import { createHash, randomBytes } from 'node:crypto'
import type { Context, Span as OtelSpan } from '@opentelemetry/api'
import type { Attributes, Span, Tracing } from './tracing'

/** How long ending the process may wait for a collector. */
const CLOSE_LIMIT_MS = 2000

/** Loaded only where traces are wanted; bundled as they are, imports at the top would be loaded always. */
export async function otlpTracing(endpoint: string, service: string): Promise<Tracing> {
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    timeoutMillis: CLOSE_LIMIT_MS,
  })
  // The next span gets this id; there is one only while `begin` makes its span.
  let wanted: Ids | undefined
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
    idGenerator: {
      generateTraceId: () => wanted?.traceId ?? randomBytes(16).toString('hex'),
      generateSpanId: () => wanted?.spanId ?? randomBytes(8).toString('hex'),
    },
  })
  const tracer = provider.getTracer('slipway')

  const open = (name: string, attributes: Attributes, parent: Context): Span => {
    const span = tracer.startSpan(name, { attributes }, parent)
    return {
      child: (next, its = {}) => open(next, its, api.trace.setSpan(api.ROOT_CONTEXT, span)),
      set: (more) => void span.setAttributes(more),
      end(error) {
        if (error !== undefined) fail(span, error)
        span.end()
      },
    }
  }
  const fail = (span: OtelSpan, error: unknown) =>
    span.setStatus({ code: api.SpanStatusCode.ERROR }).setAttribute('error.type', classOf(error))

  return {
    begin(requestId, name, attributes) {
      wanted = idsOf(requestId)
      try {
        return open(name, { 'slipway.request': requestId, ...attributes }, api.ROOT_CONTEXT)
      } finally {
        wanted = undefined
      }
    },
    goOn(requestId, name, attributes) {
      const above = { ...idsOf(requestId), traceFlags: api.TraceFlags.SAMPLED, isRemote: true }
      const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, above)
      return open(name, { 'slipway.request': requestId, ...attributes }, parent)
    },
    // A collector that is away is no reason not to end.
    close: () => provider.shutdown().catch(() => undefined),
  }
}

interface Ids {
  traceId: string
  spanId: string
}

/** Trace and first span of a request: whoever knows its id knows them. */
function idsOf(requestId: string): Ids {
  const digest = createHash('sha256').update(requestId).digest('hex')
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) }
}

/** Messages may say anything. */
function classOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'errorClass' in error && typeof error.errorClass === 'string' ? error.errorClass : error.name
}
