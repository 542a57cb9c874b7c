import { percentile } from './support'

/** What one suite found out, one row of the table in docs/performance.md. */
export interface Figure {
  /** What was measured, for example `request to running, p50`. */
  what: string
  value: number
  unit: 'ms' | 's' | 'a second' | 'MB a second' | 'MB' | 'kB' | '%'
  /** What it is measured against in the same run; without it the aim is of the value itself. */
  beside?: { what: string; value: number }
  /** Of `value ÷ beside.value`, or of the value where nothing stands beside it. */
  aim?: { most: number } | { least: number }
  /** What the reader has to know to believe it. */
  note?: string
}

/** What came of one suite. */
export interface Result {
  suite: string
  figures: Figure[]
  /** Why it did not run. */
  failed?: string
}

/** Hands a figure to whoever collects them. */
export type Report = (figure: Figure) => void

/** A suite is `bench/<name>/index.ts`, whose default export runs it. It needs a build. */
export type Suite = (report: Report) => Promise<void>

/** @returns the ratio that the aim is of, or the value itself */
export const measureOf = ({ value, beside }: Figure): number => (beside ? value / beside.value : value)

/** @returns whether the aim is met; `undefined` without one */
export function isMet(figure: Figure): boolean | undefined {
  const { aim } = figure
  if (!aim) return undefined
  const measure = measureOf(figure)
  return 'most' in aim ? measure <= aim.most : measure >= aim.least
}

/** Two figures, p50 and p95, of samples in milliseconds beside others of the same rounds. */
export function besides(
  what: string,
  samples: readonly number[],
  other: { what: string; samples: readonly number[] },
  aim?: Figure['aim'],
): Figure[] {
  return [0.5, 0.95].map((share) => ({
    what: `${what}, p${share * 100}`,
    value: percentile(samples, share),
    unit: 'ms' as const,
    beside: { what: other.what, value: percentile(other.samples, share) },
    ...(aim && { aim }),
  }))
}
