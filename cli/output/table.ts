import { oneLine } from './one-line'
import { cut, padded, textWidth } from './text-width'

export interface Column<Row> {
  title: string
  /** What stands in it; empty where there is nothing to say. */
  of(row: Row): string
  /** Whether it is cut where the terminal is too narrow. What people copy never is. */
  shrinks?: boolean
}

const GAP = '  '
/** No column is cut to less than this. */
const NARROWEST = 8

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/**
 * Rows below each other, a line each, for people.
 * @param width of the terminal; without one nothing is cut
 * @param empty the sentence that stands for no rows
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width = Number.POSITIVE_INFINITY, empty }: { width?: number | undefined; empty: string },
): string {
  if (!rows.length) return empty
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((column) => oneLine(column.of(row)))),
  ]
  const widths = narrowed(
    columns.map(({ shrinks = false }, at) => ({
      shrinks,
      width: Math.max(...lines.map((line) => textWidth(line[at] ?? ''))),
    })),
    width - GAP.length * (columns.length - 1),
  )
  return lines
    .map((line) =>
      line
        .map((cell, at) => inColumn(cell, widths[at] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n')
}

const inColumn = (cell: string, width: number) => padded(cut(cell, width), width)

/** Takes from the widest that may shrink until the rest fits or nothing more can be taken. */
function narrowed(columns: readonly { shrinks: boolean; width: number }[], room: number): number[] {
  const now = columns.map((column) => ({ ...column }))
  while (sum(now.map(({ width }) => width)) > room) {
    const [widest] = now
      .filter(({ shrinks, width }) => shrinks && width > NARROWEST)
      .sort((one, other) => other.width - one.width)
    if (!widest) break
    widest.width--
  }
  return now.map(({ width }) => width)
}
