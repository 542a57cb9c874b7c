import crypto, { createHash } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Runs `work` with what is random coming from a counter, so that ids and secrets of the demo are the same each time.
 * For a database of pictures alone: nothing that it makes is a secret.
 */
export function withSteadyRandom<T>(work: () => T): T {
  const { randomBytes, randomInt } = crypto
  let calls = 0
  const bytes = (size: number) => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () =>
      createHash('sha256').update(`slipway ${calls++}`).digest(),
    )
    return Buffer.concat(blocks).subarray(0, size)
  }
  const int = (low: number, high?: number) =>
    high === undefined ? bytes(4).readUInt32BE() % low : low + (bytes(4).readUInt32BE() % (high - low))
  replace(bytes, int)
  try {
    return work()
  } finally {
    replace(randomBytes, randomInt)
  }
}

function replace(randomBytes: unknown, randomInt: unknown) {
  Object.assign(crypto, { randomBytes, randomInt })
  syncBuiltinESMExports()
}
