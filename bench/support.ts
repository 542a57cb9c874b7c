import { performance } from 'node:perf_hooks'

/** The value below which the share of the samples lies, `share` from 0 to 1. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** @returns milliseconds that the work took */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** Prints rows under headings, and each figure as it stands. */
export function printTable(title: string, rows: Record<string, string>[]): void {
  console.log(`\n${title}`)
  console.table(rows)
}

/** Prints how long Slipway took and how long the same took by hand, and the ratio. */
export function printComparison(
  title: string,
  slipway: readonly number[],
  byHand: { what: string; samples: readonly number[] },
): void {
  const row = (what: string, samples: readonly number[]) => ({
    what,
    p50: percentile(samples, 0.5).toFixed(0),
    p95: percentile(samples, 0.95).toFixed(0),
  })
  printTable(title, [row('Slipway', slipway), row(byHand.what, byHand.samples)])
  console.log(`ratio at p50: ${(percentile(slipway, 0.5) / percentile(byHand.samples, 0.5)).toFixed(2)}`)
}
