import { type Figure, isMet, measureOf } from './figures'

const HEADINGS = ['figure', 'measured', 'beside', 'ratio', 'aim', '']

/** The figures in columns, for a terminal. */
export function textTable(figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...figures.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The same as a Markdown table. */
export function markdownTable(figures: readonly Figure[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [
    line(HEADINGS),
    line(HEADINGS.map(() => '---')),
    ...figures.map((figure) => line(cells(figure))),
  ].join('\n')
}

function cells(figure: Figure): string[] {
  const { what, value, unit, beside, aim } = figure
  const met = isMet(figure)
  return [
    what,
    `${shown(value)} ${unit}`,
    beside ? `${shown(beside.value)} ${unit}, ${beside.what}` : '',
    beside ? measureOf(figure).toFixed(2) : '',
    aim ? ('most' in aim ? `≤ ${aim.most}` : `≥ ${aim.least}`) : '',
    met === undefined ? '' : met ? 'met' : 'missed',
  ]
}

/** Three digits that mean something. */
const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
