/** What may stand in a span: words, numbers and ids. Never a token, a query string, or what somebody typed. */
export type Attributes = Record<string, string | number>

export interface Span {
  child(name: string, attributes?: Attributes): Span
  set(attributes: Attributes): void
  /** @param error of which only the class is told */
  end(error?: unknown): void
}

/** Makes the spans of one process and sends them on. */
export interface Tracing {
  /** The first span of a request, whose trace follows from its id. */
  begin(requestId: string, name: string, attributes: Attributes): Span
  /** A span below that one, also in another process: the id is all that it takes. */
  goOn(requestId: string, name: string, attributes: Attributes): Span
  /** Sends what is left. */
  close(): Promise<void>
}

/**
 * @param endpoint base URL of an OTLP collector
 * @returns undefined without an endpoint; then nothing of OpenTelemetry is loaded
 */
export async function openTracing(
  endpoint: string | undefined,
  process: 'web' | 'worker',
): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined
  const { otlpTracing } = await import('./otlp-tracing')
  return otlpTracing(endpoint, `slipway-${process}`)
}

/** Does the work in a span below the given one, where there is one. */
export async function inSpan<T>(
  parent: Span | undefined,
  name: string,
  attributes: Attributes,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  if (!parent) return work(undefined)
  const span = parent.child(name, attributes)
  try {
    const done = await work(span)
    span.end()
    return done
  } catch (error) {
    span.end(error)
    throw error
  }
}
