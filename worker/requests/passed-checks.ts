/** So long nobody asks again: ComfyUI itself refuses what went missing meanwhile. */
const REMEMBERED_MS = 5 * 60_000
const REMEMBERED_MAX = 1000

export type PassedChecks = ReturnType<typeof passedChecks>

/** What machines were found to have, in the memory of this worker: asking takes a call for each class of nodes. */
export function passedChecks(clock: () => number) {
  const passedAt = new Map<string, number>()
  return {
    has: (key: string) => (passedAt.get(key) ?? Number.NEGATIVE_INFINITY) + REMEMBERED_MS > clock(),
    add(key: string) {
      // The ones that were added longest ago come first.
      passedAt.delete(key)
      passedAt.set(key, clock())
      for (const oldest of passedAt.keys()) {
        if (passedAt.size <= REMEMBERED_MAX) break
        passedAt.delete(oldest)
      }
    },
    forget(key: string) {
      passedAt.delete(key)
    },
  }
}
