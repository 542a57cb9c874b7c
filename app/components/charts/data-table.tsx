interface DataTableProps {
  caption: string
  days: string[]
  columns: { name: string; values: string[] }[]
}

/** The values of a chart to read, the latest first. */
export function DataTable({ caption, days, columns }: DataTableProps) {
  return (
    <details className="text-sm">
      <summary className="w-fit text-muted hover:text-text">Show as table</summary>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        aria-label={`${caption}, as table`}
        className="mt-2 max-h-72 overflow-auto"
      >
        <table className="w-full text-left tabular-nums">
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr className="text-xs text-muted">
              <th scope="col" className="px-2 py-1 font-medium">
                Day (UTC)
              </th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" className="px-2 py-1 text-right font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {days.toReversed().map((day, place) => (
              <tr key={day}>
                <th scope="row" className="px-2 py-1 font-normal whitespace-nowrap">
                  {day}
                </th>
                {columns.map(({ name, values }) => (
                  <td key={name} className="px-2 py-1 text-right whitespace-nowrap">
                    {values[days.length - 1 - place]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
