/** Numbers that only look random: the same seed gives the same ones (mulberry32). */
export function seeded(seed: number) {
  let state = seed >>> 0
  /** From 0 up to but not 1. */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    between: (from: number, to: number) => from + next() * (to - from),
    oneOf: <T>(choices: readonly T[]) => choices[Math.floor(next() * choices.length)] as T,
  }
}

export type Random = ReturnType<typeof seeded>
