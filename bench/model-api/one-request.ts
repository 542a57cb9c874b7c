import { besides, type Report } from '../figures'
import { timed } from '../support'
import type { ByHand } from './by-hand'
import type { BenchModel } from './publish'

const ROUNDS = 40

/** One call at a time, each beside one by hand, so that both meet the same machine. The first of each only warms up. */
export async function oneRequest(model: BenchModel, byHand: ByHand, report: Report): Promise<void> {
  await model.run()
  await byHand.run()
  const slipway: number[] = []
  const samples: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    slipway.push(await timed(model.run))
    samples.push(await timed(byHand.run))
  }
  const byHandToo = { what: 'the same prompt by hand', samples }
  for (const figure of besides('model call to last byte', slipway, byHandToo)) report(figure)
}
