import { describe, expect, test } from 'vitest'
import { chaos } from '../chaos/chaos'
import { bundled } from '../support/bundle'
import { noEngine } from '../support/engine'

describe.skipIf(noEngine)('on the real Engine', () => {
  test('fault 47: workers, Redis and the Engine are killed again and again during launches; all run in the end, once, and nothing else', {
    timeout: 240_000,
  }, async () => {
    const { flaws, happened } = await chaos({ seed: 3, launches: 24, runtime: 'docker', bundle: bundled })
    expect(flaws).toEqual([])
    expect(happened['Engine killed']).toBeGreaterThan(0)
  })
})
