import { request as requestPlain } from 'node:http'
import { type RequestOptions, request as requestSecure } from 'node:https'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { LaunchError } from '../../launch-errors'
import { toleratingBy } from '../tolerating'

/** A namespace of a cluster, and ways to ask its API. */
export interface Cluster {
  namespace: string
  api: CoreV1Api
  /** So often a watch lists everything anew, whatever it was told: events may be lost. */
  resyncMs: number
  /**
   * An answer that goes on as long as there is something to say, such as a watch.
   * @param path below the namespace
   * @throws ApiRefusal when the API says no, LaunchError `engine_unreachable` when it says nothing
   */
  stream(path: string, query: Record<string, string>, signal: AbortSignal): Promise<Readable>
}

const RESYNC_MS = 30_000

/** What the API said instead of an answer. Holds its sentence, and nothing else of what went there or came back. */
export class ApiRefusal extends Error {
  override name = 'ApiRefusal'
  constructor(
    readonly status: number,
    message: string,
    readonly reason = '',
  ) {
    super(message)
  }
}

/** @param kubeconfig path of a file; without one, what Kubernetes puts into Slipway's own Pod */
export function openCluster(
  kubeconfig: string | undefined,
  namespace: string,
  resyncMs = RESYNC_MS,
): Cluster {
  const config = new KubeConfig()
  if (kubeconfig) config.loadFromFile(kubeconfig)
  else config.loadFromCluster()
  return {
    namespace,
    resyncMs,
    api: config.makeApiClient(CoreV1Api),
    // The client's own Watch and Log have no time limit, and lose the reason when they are cut off.
    async stream(path, query, signal) {
      const fail = (error: unknown) => (signal.aborted ? signal.reason : unreachable(error))
      const url = new URL(`${config.getCurrentCluster()?.server}/api/v1/namespaces/${namespace}/${path}`)
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      const options: RequestOptions = { signal }
      await config.applyToHTTPSOptions(options)
      const request = url.protocol === 'http:' ? requestPlain : requestSecure
      return new Promise((resolve, reject) => {
        request(url, options, (response) => {
          if (response.statusCode === 200) return resolve(response)
          text(response).then(
            (body) => reject(refusalOf(response.statusCode ?? 0, body)),
            (error) => reject(fail(error)),
          )
        })
          .on('error', (error) => reject(fail(error)))
          .end()
      })
    },
  }
}

/** More than any single answer takes. */
const ANSWER_LIMIT_MS = 30_000
const TRIES_MAX = 4
const FIRST_PAUSE_MS = 200
const PAUSE_MAX_MS = 5000

/**
 * One question to the API, asked again when it is busy or can't be reached: so it has to be one that does no
 * harm twice.
 * @throws LaunchError `engine_unreachable` when no answer came; ApiRefusal when the answer is no
 */
export async function ask<T>(question: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted()
    try {
      return await withLimit(question(), signal)
    } catch (error) {
      signal?.throwIfAborted()
      const refusal = toRefusal(error)
      if (refusal && !isPassing(refusal.status)) throw refusal
      if (tries >= TRIES_MAX) throw refusal ?? unreachable(error)
      const wanted = secondsWanted(error) * 1000 || FIRST_PAUSE_MS * 2 ** (tries - 1)
      await pause(Math.min(wanted, PAUSE_MAX_MS), undefined, { signal }).catch(() => undefined)
    }
  }
}

const isPassing = (status: number) => status === 429 || status >= 500

const unreachable = (error: unknown) =>
  new LaunchError(
    'engine_unreachable',
    `The Kubernetes API: ${error instanceof Error ? error.message : String(error)}`,
  )

async function withLimit<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
  // What comes too late is nobody's failure.
  answer.catch(() => undefined)
  const done = new AbortController()
  const limit = pause(ANSWER_LIMIT_MS, undefined, {
    signal: AbortSignal.any([done.signal, ...(signal ? [signal] : [])]),
  }).then(() => {
    throw new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`)
  })
  limit.catch(() => undefined)
  try {
    return await Promise.race([answer, limit])
  } finally {
    done.abort()
  }
}

/** What the client throws has the whole answer with its headers in its message. */
function toRefusal(error: unknown): ApiRefusal | undefined {
  if (error instanceof ApiRefusal) return error
  const { code, body } = error as { code?: unknown; body?: unknown }
  return typeof code === 'number' ? refusalOf(code, body) : undefined
}

function refusalOf(status: number, body: unknown): ApiRefusal {
  try {
    const { message, reason } = (typeof body === 'string' ? JSON.parse(body) : body) as Record<string, string>
    if (message) return new ApiRefusal(status, message, reason)
  } catch {
    // Not from the API itself but from something in between.
  }
  return new ApiRefusal(status, `HTTP status ${status}`)
}

const secondsWanted = (error: unknown) =>
  Number((error as { headers?: Record<string, string> }).headers?.['retry-after']) || 0

/** @returns the HTTP status of what the API refused; undefined when it is no refusal of its */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiRefusal ? error.status : undefined

/** Lets refusals with these statuses pass: what was wanted is so already, or will be. */
export const tolerating = toleratingBy(statusOf)
