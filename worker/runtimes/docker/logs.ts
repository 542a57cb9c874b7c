import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type Docker from 'dockerode'
import { logFolder, type ServiceLog } from '../../../log-files'
import { PROVIDERS } from '../../../providers/registry'
import { LaunchError } from '../../launch-errors'
import { takeExclusively } from '../../logs/exclusive'
import { isComplete, logRecorder } from '../../logs/recorder'
import { environmentOf } from './containers'
import { ask, statusOf, tolerating } from './engine'
import { engineTime, entryOf, pieceReader } from './log-entries'
import { LABEL, ofInstallation } from './names'

/** How often to look for containers that nobody follows, and for a follower that has died. */
const LOOK_EVERY_MS = 1000
/** How soon to look again at a container whose output has just ended. */
const SOON_MS = 50
/** How long the removal of a container may wait until its last words are written down. */
const DRAIN_MS = 5000

/** States in which a container has printed all that it will. */
const ENDED = ['exited', 'dead']

const SECRET_VARIABLES = Object.values(PROVIDERS).flatMap(({ variables }) => Object.values(variables).flat())

export interface ContainerLogs {
  /** Writes down what containers print until the signal aborts, while no other worker does. */
  keep(end: AbortSignal): Promise<void>
  /** Returns once all that an ended container printed is written down, or after some seconds. */
  drain(id: string): Promise<void>
}

/**
 * Brings what containers print from the Engine, which keeps the newest of it while they exist, into the
 * machines' logs. One worker at a time follows them all; their secrets are found in their own environment.
 */
export function containerLogs(
  docker: Docker,
  settings: { dataDir: string; installationId: string; logs: { bytesMax: number } },
): ContainerLogs {
  const { dataDir, installationId, logs } = settings
  const lock = join(dataDir, 'logs', 'follower.lock')
  const looks = restBetween(LOOK_EVERY_MS)

  const logOf = ({ Config: { Labels } }: Docker.ContainerInspectInfo): ServiceLog => ({
    folder: logFolder(dataDir, Labels[LABEL.machine] ?? ''),
    service: Labels[LABEL.service] ?? '',
    attempt: Number(Labels[LABEL.attempt]),
  })

  /** @returns whether that was all, and nothing more will come */
  async function copy(id: string, signal: AbortSignal): Promise<boolean> {
    const container = docker.getContainer(id)
    const info = await tolerating([404], ask(container.inspect(), { signal }))
    if (!info) return true
    const log = logOf(info)
    if (isComplete(log, id)) return true
    const environment = environmentOf(info.Config.Env)
    const secrets = SECRET_VARIABLES.flatMap((name) => environment.get(name) ?? [])
    const recorder = logRecorder({ log, bytesMax: logs.bytesMax, secrets, source: id })
    try {
      const read = pieceReader()
      for await (const chunk of await openOutput(container, recorder.since, signal))
        recorder.write(read(chunk as Buffer).map(entryOf))
      // What was asked while it still ran may lack its end.
      if (!ENDED.includes(info.State.Status)) return false
      recorder.complete()
      return true
    } finally {
      recorder.close()
    }
  }

  /** Returns once the container has ended and all of it is written, or the signal aborts. */
  async function follow(id: string, end: AbortSignal): Promise<void> {
    for (let waitMs = SOON_MS; !end.aborted; waitMs = Math.min(2 * waitMs, LOOK_EVERY_MS)) {
      if (await copy(id, end).catch(unlessOfEngine)) return
      await pause(waitMs, undefined, { signal: end }).catch(() => undefined)
    }
  }

  async function followAll(end: AbortSignal): Promise<void> {
    const failed = new AbortController()
    const either = AbortSignal.any([end, failed.signal])
    const followed = new Map<string, Promise<void>>()
    while (!either.aborted) {
      const wanted = { all: true, ...ofInstallation(installationId) }
      const found = await ask(docker.listContainers(wanted), { signal: either }).catch(unlessOfEngine)
      const ids = found?.filter(({ State }) => State !== 'created').map(({ Id }) => Id)
      for (const id of ids ?? [])
        if (!followed.has(id))
          followed.set(
            id,
            follow(id, either).catch((error) => failed.abort(error)),
          )
      // One that was followed to its end is forgotten with the container.
      if (ids) for (const id of followed.keys()) if (!ids.includes(id)) followed.delete(id)
      await looks.rest(either)
    }
    await Promise.all(followed.values())
    if (failed.signal.aborted) throw failed.signal.reason
  }

  async function drain(id: string, limit: AbortSignal): Promise<void> {
    const info = await ask(docker.getContainer(id).inspect(), { signal: limit })
    if (info.State.Status === 'created') return
    while (!isComplete(logOf(info), id)) {
      const release = await takeExclusively(lock)
      // Nobody follows.
      if (release)
        return copy(id, limit)
          .then(() => undefined)
          .finally(release)
      await pause(SOON_MS, undefined, { signal: limit })
    }
  }

  return {
    async keep(end) {
      while (!end.aborted) {
        const release = await takeExclusively(lock)
        if (release) await followAll(end).finally(release)
        else await looks.rest(end)
      }
    },

    async drain(id) {
      looks.wake()
      // What can't be read or written must not keep a container from being removed.
      await drain(id, AbortSignal.timeout(DRAIN_MS)).catch(() => undefined)
    },
  }
}

/** Output with the time of each piece, until the container ends. @throws when it was cut off before */
async function openOutput(container: Docker.Container, since: string | null, signal: AbortSignal) {
  const options = { stdout: true, stderr: true, timestamps: true, follow: true, abortSignal: signal } as const
  // As text: a number has not enough digits.
  const from = since === null ? {} : { since: engineTime(since) as unknown as number }
  return (await ask(container.logs({ ...options, ...from }), { signal })) as NodeJS.ReadableStream
}

/** The Engine went away, refused, or cut off its answer: the next look goes on from there. */
function unlessOfEngine(error: unknown): undefined {
  const isOfStream = ['ECONNRESET', 'ABORT_ERR', 'EPIPE'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )
  if (isOfStream || error instanceof LaunchError || statusOf(error) !== undefined) return undefined
  throw error
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
