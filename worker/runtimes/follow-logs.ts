import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceLog } from '../../log-files'
import { PROVIDERS } from '../../providers/registry'
import { takeExclusively } from '../logs/exclusive'
import { type Entry, isComplete, logRecorder, sinceOf } from '../logs/recorder'

/** How often to look for output that nobody follows, and for a follower that has died. */
const LOOK_EVERY_MS = 1000
/** How soon to look again at output that has just ended, */
const SOON_MS = 50
/** and how late after many failures: a node may be lost for long. */
const FAILED_MAX_MS = 30_000

/** Variables whose values must not come into a log. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set(
  Object.values(PROVIDERS).flatMap(({ variables }) => Object.values(variables).flat()),
)

/** One service's output, as whoever runs it keeps it. */
export interface Output {
  log: ServiceLog
  secrets: readonly string[]
  /** Whether it has printed all that it will. */
  hasEnded: boolean
}

/** What keeps the output of services while they are there, by ids that no two of them ever share. */
export interface LogSource {
  /** All that has begun. */
  list(signal: AbortSignal): Promise<string[]>
  /** @returns undefined when it is gone */
  find(id: string, signal: AbortSignal): Promise<Output | undefined>
  /**
   * Its output until it ends.
   * @param since the time of the first entry wanted; null for all
   * @throws when it was cut off before
   */
  open(id: string, since: string | null, signal: AbortSignal): Promise<AsyncIterable<Entry[]>>
  /** Whether it is the source's failure, and the next look may go on from there. */
  mayPass(error: unknown): boolean
}

export interface LogFollower {
  /** Writes down what services print until the signal aborts, while no other worker does. */
  keep(end: AbortSignal): Promise<void>
  /** Returns once all that these print is written down, or the signal aborts. */
  drain(ids: readonly string[], limit: AbortSignal): Promise<void>
  /** Returns once somebody has begun to follow all of these, or the signal aborts. */
  untilFollowed(ids: readonly string[], limit: AbortSignal): Promise<void>
}

/** Brings output into the machines' logs. One worker at a time follows all of it. */
export function logFollower(
  source: LogSource,
  { dataDir, logs }: { dataDir: string; logs: { bytesMax: number } },
): LogFollower {
  const lock = join(dataDir, 'logs', 'follower.lock')
  const looks = restBetween(LOOK_EVERY_MS)
  let hurry = new AbortController()

  /** @returns whether that was all, and nothing more will come */
  async function copy(id: string, signal: AbortSignal): Promise<boolean> {
    const output = await source.find(id, signal)
    if (!output || isComplete(output.log, id)) return true
    const { log, secrets, hasEnded } = output
    const entries = await source.open(id, sinceOf(log, id) ?? null, signal)
    const recorder = logRecorder({ log, bytesMax: logs.bytesMax, secrets, source: id })
    try {
      for await (const some of entries) recorder.write(some)
      // What was asked while it still ran may lack its end, unless there is nothing left to ask.
      if (!hasEnded && (await source.find(id, signal))) return false
      recorder.complete()
      return true
    } finally {
      recorder.close()
    }
  }

  function unlessOfSource(error: unknown): undefined {
    if (!source.mayPass(error)) throw error
  }

  /** Returns once the service has ended and all of it is written, or the signal aborts. */
  async function follow(id: string, end: AbortSignal): Promise<void> {
    for (let waitMs = SOON_MS; !end.aborted; ) {
      const begunAt = Date.now()
      let maxMs = LOOK_EVERY_MS
      const isAll = await copy(id, end).catch((error) => {
        maxMs = FAILED_MAX_MS
        return unlessOfSource(error)
      })
      if (isAll) return
      // What went well for long and was cut off then has not failed many times.
      if (Date.now() - begunAt > FAILED_MAX_MS) waitMs = SOON_MS
      const hurried = hurry.signal
      await pause(waitMs, undefined, { signal: AbortSignal.any([end, hurried]) }).catch(() => undefined)
      waitMs = hurried.aborted ? SOON_MS : Math.min(2 * waitMs, maxMs)
    }
  }

  async function followAll(end: AbortSignal): Promise<void> {
    const failed = new AbortController()
    const either = AbortSignal.any([end, failed.signal])
    const followed = new Map<string, Promise<void>>()
    while (!either.aborted) {
      const ids = await source.list(either).catch(unlessOfSource)
      for (const id of ids ?? [])
        if (!followed.has(id))
          followed.set(
            id,
            follow(id, either).catch((error) => failed.abort(error)),
          )
      // One that was followed to its end is forgotten with its service.
      if (ids) for (const id of followed.keys()) if (!ids.includes(id)) followed.delete(id)
      await looks.rest(either)
    }
    await Promise.all(followed.values())
    if (failed.signal.aborted) throw failed.signal.reason
  }

  async function logsOf(ids: readonly string[], signal: AbortSignal) {
    const found = await Promise.all(
      ids.map(async (id) => ({ id, log: (await source.find(id, signal))?.log })),
    )
    return found.flatMap(({ id, log }) => (log ? [{ id, log }] : []))
  }

  return {
    async keep(end) {
      while (!end.aborted) {
        const release = await takeExclusively(lock)
        if (release) await followAll(end).finally(release)
        else await looks.rest(end)
      }
    },

    async drain(ids, limit) {
      looks.wake()
      hurry.abort()
      hurry = new AbortController()
      const logs = await logsOf(ids, limit)
      while (!logs.every(({ id, log }) => isComplete(log, id))) {
        const release = await takeExclusively(lock)
        // Nobody follows.
        if (release)
          return Promise.all(logs.map(({ id }) => follow(id, limit)))
            .then(() => undefined)
            .finally(release)
        await pause(SOON_MS, undefined, { signal: limit })
      }
    },

    async untilFollowed(ids, limit) {
      const logs = await logsOf(ids, limit)
      while (!logs.every(({ id, log }) => sinceOf(log, id) !== undefined))
        await pause(SOON_MS, undefined, { signal: limit })
    },
  }
}

/** A pause that somebody may cut short. */
function restBetween(ms: number) {
  let wake: () => void = () => undefined
  return {
    wake: () => wake(),
    rest: (end: AbortSignal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(() => wake(), ms)
        wake = () => {
          clearTimeout(timer)
          end.removeEventListener('abort', wake)
          resolve()
        }
        end.addEventListener('abort', wake)
      }),
  }
}
