import { timed } from '../support'

const ROUNDS = 30
const WARM_UP = 5

/** Both by turns, so that they meet the same machine. @returns milliseconds of each round */
export async function measure(
  small: () => Promise<unknown>,
  large: () => Promise<unknown>,
): Promise<{ small: number[]; large: number[] }> {
  const took = { small: [] as number[], large: [] as number[] }
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const ms = { small: await timed(small), large: await timed(large) }
    if (round < WARM_UP) continue
    took.small.push(ms.small)
    took.large.push(ms.large)
  }
  return took
}
