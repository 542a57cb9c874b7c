import { setTimeout as pause } from 'node:timers/promises'
import { type LaunchRef, launchMachine, stopMachine } from '~/db/machine-requests'
import { isBusy } from '~/db/open'
import { SOMEBODY } from '../support/actors'
import type { BackEnd } from './back-end'
import { faultsOf } from './faults'
import { seeded } from './random'

/** One machine in so many more is stopped again, wherever it is then. */
const STOPPED_SHARE = 8
const MEAN_PAUSE_MS = { launch: 400, fault: 800 }

/**
 * Launches machines as procedures do, and stops a few, while one thing after the other fails.
 * @returns once everything is mended, whatever the machines are then
 */
export async function storm(backEnd: BackEnd, { seed, launches }: { seed: number; launches: number }) {
  const { db, user, queue } = backEnd
  const random = seeded(seed)
  const faults = faultsOf(backEnd, seeded(seed + 1))
  const happened: { name: string; began: string; ended: string }[] = []
  const requests: Promise<unknown>[] = []
  const harm: Promise<unknown>[] = []
  const failures: unknown[] = []
  const toRun: LaunchRef[] = []
  const toStop: LaunchRef[] = []
  let launching = true
  /** Goes on by itself until it is waited for at the end. If it fails, the storm ends. */
  const begin = (all: Promise<unknown>[], work: Promise<unknown>) => {
    work.catch((error) => failures.push(error))
    all.push(work)
  }

  async function launchAndMaybeStop(name: string, stops: boolean) {
    const ref = await untilNotBusy(() =>
      launchMachine(db, { userId: user.id, kind: 'comfyui', name }, SOMEBODY, Date.now),
    )
    ;(stops ? toStop : toRun).push(ref)
    await queue.add({ job: 'launch', ...ref })
    if (!stops) return
    await pause(random.between(0, 6000))
    await untilNotBusy(() => stopMachine(db, user.id, ref.machineId, SOMEBODY, Date.now))
    await queue.add({ job: 'stop', ...ref })
  }

  async function launchAll() {
    const all = launches + Math.floor(launches / STOPPED_SHARE)
    for (let n = 0; n < all && !failures.length; n++) {
      begin(requests, launchAndMaybeStop(`Machine ${n}`, n % (STOPPED_SHARE + 1) === STOPPED_SHARE))
      await pause(random.between(0, 2 * MEAN_PAUSE_MS.launch))
    }
    launching = false
  }

  const missing = () => faults.missing(new Set(happened.map(({ name }) => name)))

  /** As long as machines are launched, and then until every kind of fault has happened. */
  async function failAgainAndAgain() {
    const waits = seeded(seed + 2)
    while (!failures.length) {
      const next = launching ? faults.any() : missing()
      if (!next) return
      const { name, fault } = next
      const began = new Date().toISOString()
      const work = fault().then(
        (done) => {
          if (done) happened.push({ name, began, ended: new Date().toISOString() })
        },
        (cause) => {
          throw new Error(`The fault "${name}" failed`, { cause })
        },
      )
      begin(harm, work)
      await pause(waits.between(0, 2 * MEAN_PAUSE_MS.fault))
    }
  }

  await Promise.all([launchAll(), failAgainAndAgain()])
  await Promise.allSettled(harm)
  if (failures.length) throw failures[0]
  await Promise.all(requests)
  return { toRun, toStop, happened, flushed: faults.flushed }
}

/** As a person does who is told that the database is busy: again. */
export async function untilNotBusy<T>(request: () => T): Promise<T> {
  for (;;) {
    try {
      return request()
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    await pause(100)
  }
}
