import { setTimeout as pause } from 'node:timers/promises'

/**
 * Looks again and again until there is something to see.
 * @param what names the expectation in the error
 * @returns what `look` saw first
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs = 25_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > deadline) throw new Error(`This never came true: ${what}`)
    await pause(20)
  }
}
