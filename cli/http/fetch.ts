import type { Output } from '../output/output'
import { fetchByName } from './loopback-names'
import { networkFault } from './network-faults'
import { redactedHeaders, redactedUrl } from './redacted'
import { redirected } from './refusals'

const PATIENCE_MS = 60_000

/**
 * Every request of the command: traced with `-v`, ended with the command, never redirected with its token.
 * What gets no answer throws a CliError that says why; but streams throw as fetch does, and come again.
 */
export const openFetch =
  (output: Output, signal: AbortSignal, version: string): typeof globalThis.fetch =>
  async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    headers.set('user-agent', `runcomfy/${version}`)
    const isStream = headers.get('accept') === 'text/event-stream'
    output.trace(1, `> ${init?.method ?? 'GET'} ${redactedUrl(url)}`)
    for (const line of redactedHeaders(headers)) output.trace(2, `> ${line}`)
    const ends = [signal, init?.signal, isStream ? undefined : AbortSignal.timeout(PATIENCE_MS)]
    const began = performance.now()
    const took = () => `${Math.round(performance.now() - began)} ms`
    const answer = await fetchByName(input, {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any(ends.filter((end): end is AbortSignal => end instanceof AbortSignal)),
    }).catch(async (error) => {
      output.trace(1, `< no answer, ${took()}`)
      throw isStream || signal.aborted ? error : ((await networkFault(error, url)) ?? error)
    })
    output.trace(1, `< ${answer.status}, ${took()}`)
    for (const line of redactedHeaders(answer.headers)) output.trace(2, `< ${line}`)
    if (!isStream && answer.status >= 300 && answer.status < 400) throw redirected(answer, url)
    return answer
  }
