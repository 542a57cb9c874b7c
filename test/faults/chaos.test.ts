import { expect, test } from 'vitest'
import { chaos } from '../chaos/chaos'
import { bundled } from '../support/bundle'

test('fault 47: workers and Redis are killed, suspended and emptied again and again during 80 launches; all run in the end, once, and nothing else', {
  timeout: 240_000,
}, async () => {
  const { flaws, happened } = await chaos({ seed: 47, launches: 80, runtime: 'process', bundle: bundled })
  expect(flaws).toEqual([])
  expect(Object.keys(happened).sort()).toEqual([
    'Redis flushed',
    'Redis killed',
    'worker killed',
    'worker suspended',
    'worker told to end',
  ])
})
