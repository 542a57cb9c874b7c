import type { RunningProgram } from '../support/start-program'

/** A place for a worker: whenever one ends, the next takes it. */
interface Place {
  worker: RunningProgram
  isBusy: boolean
}

/** @param start starts a worker; asked again for as long as it refuses, as whatever keeps workers running does */
export async function workerPool(count: number, start: () => Promise<RunningProgram>) {
  const all: RunningProgram[] = []
  async function begin(tries = 5): Promise<RunningProgram> {
    try {
      const worker = await start()
      all.push(worker)
      return worker
    } catch (error) {
      if (tries === 1) throw error
      return begin(tries - 1)
    }
  }
  const places: Place[] = []
  for (let n = 0; n < count; n++) places.push({ worker: await begin(), isBusy: false })

  /** Does something to the worker of a place that nothing else is done to just now. */
  async function disturb(
    pick: (places: Place[]) => Place | undefined,
    work: (place: Place) => Promise<void>,
  ) {
    const place = pick(places.filter(({ isBusy }) => !isBusy))
    if (!place) return false
    place.isBusy = true
    try {
      await work(place)
    } finally {
      place.isBusy = false
    }
    return true
  }

  return {
    disturb,
    workers: () => places.map(({ worker }) => worker),

    /** Ends the worker of a place, and puts another there. */
    async replace(place: Place, signal: NodeJS.Signals, whileAway: () => Promise<unknown>) {
      place.worker.signal(signal)
      await place.worker.ended
      await whileAway()
      place.worker = await begin()
    },

    /** Everything that any of them ever printed. */
    printed: () => all.map(({ output }, n) => ({ name: `output of worker ${n}`, text: output.join('\n') })),

    async end() {
      for (const { signal } of all) signal('SIGKILL')
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}
