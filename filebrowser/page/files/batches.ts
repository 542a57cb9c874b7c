/** What the server takes as one body is bounded. */
const CHARACTERS_MAX = 40_000

/** Paths in groups that each fit a request. */
export function batches(paths: readonly string[]): string[][] {
  const groups: string[][] = []
  let length = Infinity
  for (const path of paths) {
    // At worst every character is escaped or takes three bytes.
    const own = path.length * 3 + 3
    if (length + own > CHARACTERS_MAX) {
      groups.push([])
      length = 0
    }
    groups.at(-1)?.push(path)
    length += own
  }
  return groups
}
