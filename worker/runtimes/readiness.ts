import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { LaunchError } from '../launch-errors'

/** Asked after a share of the time that it has taken so far, so that many slow starts don't cost a processor. */
const PAUSE_SHARE = 1 / 20
const PAUSE_MS = { least: 5, most: 250 }
const ANSWER_LIMIT_MS = 2000

interface Readiness {
  service: string
  /** Any answer below 500 here means ready. */
  url: string
  timeoutMs: number
  /** @throws what went wrong, once the service has ended */
  assertAlive(): void | Promise<void>
  /** Whether what answers is the service, rather than a stranger on its port. */
  isOurs(): Promise<boolean>
  /** The end of its output, without secrets. */
  logTail(): Promise<string>
}

/**
 * Returns once the service itself answers.
 * @throws LaunchError with the last lines of its log, when it takes too long
 */
export async function waitUntilAnswers(
  { service, url, timeoutMs, assertAlive, isOurs, logTail }: Readiness,
  signal: AbortSignal,
): Promise<void> {
  const began = Date.now()
  for (;;) {
    signal.throwIfAborted()
    await assertAlive()
    if ((await answers(url, signal)) && (await isOurs())) return
    const waited = Date.now() - began
    if (waited > timeoutMs) {
      const text = `${service} did not answer within ${timeoutMs / 1000} s.\n${await logTail()}`
      throw new LaunchError('start_timeout', text)
    }
    const next = Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, waited * PAUSE_SHARE))
    await pause(next, undefined, { signal }).catch(() => undefined)
  }
}

/**
 * Asked with node:http, as a refused request of `fetch` costs several times as much, and most of these are refused.
 * The connection stays open for a while: one that closes makes a service in Node print without waiting for its log.
 */
function answers(url: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)])
    const request = get(url, { signal: either }, (answer) => {
      resolve((answer.statusCode ?? 500) < 500)
      answer.on('error', () => undefined).resume()
    })
    request.on('error', () => resolve(false))
  })
}
