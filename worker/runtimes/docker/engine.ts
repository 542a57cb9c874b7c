import { setTimeout as pause } from 'node:timers/promises'
import Docker from 'dockerode'
import { LaunchError } from '../../launch-errors'
import { toleratingBy } from '../tolerating'

/** More than any answer takes but those of `stop` and `pull`, which get limits of their own. */
const ANSWER_LIMIT_MS = 60_000

/** @param dockerHost `unix:///path`, or `tcp://host:port` with TLS as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say */
export function openEngine(dockerHost: string): Docker {
  if (dockerHost.startsWith('unix://'))
    return new Docker({ host: undefined, port: undefined, socketPath: dockerHost.slice('unix://'.length) })
  const { hostname, port } = new URL(dockerHost)
  return new Docker({ host: hostname, port: Number(port || 2375), socketPath: undefined })
}

/**
 * One question to the Engine. dockerode itself waits for ever when the Engine dies in the middle of an answer.
 * @throws LaunchError `engine_unreachable` when none came; the Engine's own refusal as it is, see `statusOf`
 */
export async function ask<T>(
  answer: Promise<T>,
  { signal, limitMs = ANSWER_LIMIT_MS }: { signal?: AbortSignal; limitMs?: number } = {},
): Promise<T> {
  // What comes too late is nobody's failure.
  answer.catch(() => undefined)
  const done = new AbortController()
  const limit = pause(limitMs, undefined, { signal: done.signal }).then(() => {
    throw new LaunchError('engine_unreachable', `The Engine did not answer within ${limitMs / 1000} s.`)
  })
  limit.catch(() => undefined)
  try {
    return await Promise.race([answer, limit, ...(signal ? [aborted(signal, done.signal)] : [])])
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof LaunchError || statusOf(error) !== undefined) throw error
    throw new LaunchError('engine_unreachable', error instanceof Error ? error.message : String(error))
  } finally {
    done.abort()
  }
}

function aborted(signal: AbortSignal, until: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: until })
  })
}

/** @returns the HTTP status of what the Engine refused; undefined when it is no refusal of its */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error ? (error as Error & { statusCode?: number }).statusCode : undefined

/** Lets refusals with these statuses pass: what was wanted is so already, or will be. */
export const tolerating = toleratingBy(statusOf)

const REMOVAL_LIMIT_MS = 120_000

/** @returns what throws once the removal of something takes too long */
export function timeLimit(what: string): () => void {
  const deadline = Date.now() + REMOVAL_LIMIT_MS
  return () => {
    if (Date.now() > deadline)
      throw new LaunchError('runtime_unavailable', `The Engine did not remove ${what}.`)
  }
}

/** The class of what the Engine refused. */
export function refusal(error: unknown): unknown {
  const status = statusOf(error)
  if (status === undefined || !(error instanceof Error)) return error
  const { message } = error
  if (/available,? .*address pool|all predefined address pools/i.test(message))
    return new LaunchError(
      'networks_exhausted',
      `${message.trim()}. Set "default-address-pools" with small networks in the Engine's daemon.json.`,
    )
  if (/device driver|nvidia-container|unresolvable CDI devices/i.test(message))
    return new LaunchError(
      'gpu_unavailable',
      `${message.trim()}. The NVIDIA Container Toolkit has to be set up for this Engine.`,
    )
  if (/executable file not found|no such file or directory|permission denied/i.test(message))
    return new LaunchError('command_not_found', message.trim())
  return new LaunchError('runtime_unavailable', message.trim())
}
