import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** What an Engine stores of a network whose removal has begun and given its addresses back, but isn't over. */
const HALF_REMOVED =
  /"inDelete":true\s*,"ingress":\w+,"internal":\w+,"ipamOptions":[^"]*,"ipamType":"default"(?=,"ipamV4Config":"(?:[^"\\]|\\.)*",\s*"labels":)/g

/** What an Engine says that can't start for that reason. */
const PANIC =
  /panic: runtime error: index out of range \[0\] with length 0\s+goroutine 1 \[running\]:\s+\S*libnetwork\.\(\*controller\)\.reservePools/i

/**
 * Lets an Engine that was killed while it removed a network start again. Before 24.0 it panics at every start,
 * as it looks for the addresses that such a network no longer has (moby#45057). Told that nobody keeps account
 * of them, it goes on with the removal, as newer ones do by themselves. What is written is as long as what was
 * there: the file finds its pages by their place, and has no checksums of them. Copies in pages that are no
 * longer used change too, which nobody reads.
 * @param message why it didn't start
 * @param store its network/files/local-kv.db, which nobody has open
 * @returns whether this was the reason, and is mended
 */
export function mendHalfRemovedNetworks(message: string, store: string): boolean {
  if (!PANIC.test(message)) return false
  const text = readFileSync(store, 'latin1')
  const mended = text.replace(HALF_REMOVED, (found) => found.replace('"default"', '"null"   '))
  writeFileSync(store, mended, 'latin1')
  return mended !== text
}

/** The host's interfaces for networks that the Engine ever had. */
export function bridgesIn(store: string): string[] {
  if (!existsSync(store)) return []
  const found = readFileSync(store, 'latin1').matchAll(/"BridgeName":"(br-\w+)"/g)
  return [...new Set([...found].map(([, name]) => name as string))]
}
