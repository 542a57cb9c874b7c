/** From here on a size doesn't fit into the plain header of a tar. */
const LARGE = 8 * 1024 ** 3

/** How the header of a tar says a file's size: the library cuts a large one off unless it is told a second time. */
export const tarSize = (size: number): { size: number; pax?: { size: string } } => ({
  size,
  ...(size >= LARGE && { pax: { size: String(size) } }),
})
