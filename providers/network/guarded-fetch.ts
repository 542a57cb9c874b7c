import { Readable } from 'node:stream'
import { Refusal } from '../refusal'
import type { ProviderId } from '../registry'
import type { Answer, Network } from './network'

interface Guarded {
  network: Network
  provider: ProviderId
  /** Base URL of the issuer, the only one that is asked with the token. */
  base: string
  token: string | undefined
  signal: AbortSignal
  /** Says what an answer from 400 on means. */
  explain(answer: Answer): Refusal
  /** Told of everything that goes wrong: the library may mend it, or throw something in words of its own. */
  onRefusal(refusal: Refusal): void
}

const READ_HEADERS = [
  ...['content-type', 'content-length', 'content-range', 'etag', 'link', 'x-request-id', 'x-error-code'],
  ...['x-linked-size', 'x-linked-etag', 'x-xet-hash'],
]

/**
 * A `fetch` for a library that is to reach an issuer and its storage as everything here does: each hop checked, and the
 * token in the hands of the network alone. What the library sends as Authorization is a right that the issuer lent it
 * for one host, and goes no further. It can ask; it can't change anything.
 */
export function guardedFetch(guarded: Guarded): typeof fetch {
  const { network, provider, base, signal } = guarded
  const onRefusal = (refusal: Refusal) => {
    // A body that the library doesn't want is no failure.
    if (refusal.code !== 'canceled' || signal.aborted) guarded.onRefusal(refusal)
    return refusal
  }
  return async (input, init) => {
    const { method, url, headers } = new Request(input, init)
    if (method !== 'GET') throw new Error(`A download has nothing to ${method}.`)
    const own = { accept: headers.get('accept'), authorization: headers.get('authorization') }
    try {
      const answer = await network.open({
        method,
        url,
        provider,
        token: new URL(url).origin === new URL(base).origin ? guarded.token : undefined,
        range: headers.get('range') ?? undefined,
        headers: Object.fromEntries(
          Object.entries(own).flatMap(([name, value]) => (value ? [[name, value]] : [])),
        ),
        follow: 'all',
        signal,
      })
      if (answer.status >= 400) onRefusal(guarded.explain(answer))
      answer.body.on('error', (error) => onRefusal(network.explain(error, answer) as Refusal))
      return toResponse(answer)
    } catch (error) {
      throw error instanceof Refusal ? onRefusal(error as Refusal) : error
    }
  }
}

function toResponse({ status, header, body }: Answer): Response {
  const headers = READ_HEADERS.flatMap((name): [string, string][] => {
    const value = header(name)
    return value === undefined ? [] : [[name, value]]
  })
  const isEmpty = [204, 205, 304].includes(status)
  return new Response(isEmpty ? null : (Readable.toWeb(body) as ReadableStream), { status, headers })
}
