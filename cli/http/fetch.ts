import type { Output } from '../output/output'
import { fetchByName } from './loopback-names'

const PATIENCE_MS = 60_000

/** Every request of the command: traced with `-v`, ended with the command, never redirected with its token. */
export const openFetch =
  (output: Output, signal: AbortSignal): typeof globalThis.fetch =>
  async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    output.trace(1, `> ${init?.method ?? 'GET'} ${url}`)
    const isStream = new Headers(init?.headers).get('accept') === 'text/event-stream'
    const ends = [signal, init?.signal, isStream ? undefined : AbortSignal.timeout(PATIENCE_MS)]
    const answer = await fetchByName(input, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.any(ends.filter((end): end is AbortSignal => end instanceof AbortSignal)),
    })
    output.trace(1, `< ${answer.status}`)
    return answer
  }
