import type { Output } from '../output/output'
import { networkFault } from './network-faults'
import { redactedHeaders, redactedUrl } from './redacted'
import { redirected } from './refusals'
import type { Fetch } from './reply'
import { send } from './send'

const PATIENCE_MS = 60_000

/**
 * Every request of the command: traced with `-v`, ended with the command, never redirected with its token.
 * What gets no answer throws a CliError that says why; but streams throw as fetch does, and come again. Of streams
 * and files the caller says how long they may be silent.
 */
export const openFetch =
  (output: Output, signal: AbortSignal, version: string): Fetch =>
  async (input, init) => {
    const url = String(input)
    const given = Object.entries(init?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
    const headers = { ...Object.fromEntries(given), 'user-agent': `runcomfy/${version}` }
    const isStream = headers.accept === 'text/event-stream'
    const isLong = isStream || headers.accept === 'application/octet-stream'
    output.trace(1, `> ${init?.method ?? 'GET'} ${redactedUrl(url)}`)
    for (const line of redactedHeaders(Object.entries(headers))) output.trace(2, `> ${line}`)
    const ends = [signal, init?.signal, isLong ? undefined : AbortSignal.timeout(PATIENCE_MS)]
    const began = performance.now()
    const took = () => `${Math.round(performance.now() - began)} ms`
    const answer = await send(input, {
      ...init,
      headers,
      signal: AbortSignal.any(ends.filter((end): end is AbortSignal => end instanceof AbortSignal)),
    }).catch(async (error) => {
      output.trace(1, `< no answer, ${took()}`)
      throw isStream || signal.aborted ? error : ((await networkFault(error, url)) ?? error)
    })
    output.trace(1, `< ${answer.status}, ${took()}`)
    for (const line of redactedHeaders(answer.headers)) output.trace(2, `< ${line}`)
    if (!isStream && answer.status >= 300 && answer.status < 400) {
      await answer.body?.cancel()
      throw redirected(answer, url)
    }
    return answer
  }
