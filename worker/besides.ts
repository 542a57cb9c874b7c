import { turns } from './turns'

/**
 * Work that must not take the place of a launch, so many at once. Asking for what is under way or waits its
 * turn changes nothing.
 */
export function besides(
  atOnce: number,
  work: (id: string) => Promise<void>,
  onError: (error: unknown, id: string) => void,
) {
  const inTurn = turns(atOnce)
  const running = new Map<string, Promise<void>>()
  return {
    begin(id: string): void {
      if (running.has(id)) return
      const one = inTurn(() => work(id))
        .catch((error) => onError(error, id))
        .finally(() => running.delete(id))
      running.set(id, one)
    },

    /** Settles when nothing of it runs any more. */
    async ended(): Promise<void> {
      await Promise.all(running.values())
    },
  }
}
