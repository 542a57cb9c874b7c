import { line } from 'd3-shape'
import { Chart, type Series } from './chart'
import { COLOURS, DASHES } from './legend'
import { HEIGHT } from './scale'

interface LinesProps {
  title: string
  summary: string
  days: string[]
  series: Series[]
  /** What went wrong, marked above its day. */
  failures: number[]
  format: (value: number) => string
}

/** Values by day as lines with points; a day without a value leaves a gap. */
export function Lines({ days, series, failures, ...rest }: LinesProps) {
  const tops = days.map((_, day) => Math.max(0, ...series.map(({ values }) => values[day] ?? 0)))
  return (
    <Chart {...rest} days={days} series={series} failures={failures} tops={tops} mark="line">
      {({ y, places }) => (
        <>
          {/* Stretched to the page's width; the lines stay as thick as they are. */}
          <svg
            aria-hidden
            width="100%"
            height={HEIGHT}
            viewBox={`0 0 100 ${HEIGHT}`}
            preserveAspectRatio="none"
          >
            {series.map(({ name, values }, place) => (
              <path
                key={name}
                d={
                  line<number | null>()
                    .defined((value) => value !== null)
                    .x((_, day) => places.middle(day))
                    .y((value) => y(value ?? 0))(values) ?? ''
                }
                fill="none"
                stroke="currentColor"
                strokeWidth="2"
                strokeDasharray={DASHES[place]}
                vectorEffect="non-scaling-stroke"
                className={COLOURS[place]}
              />
            ))}
          </svg>
          {series.map(({ name, values }, place) =>
            values.map(
              (value, day) =>
                value !== null && (
                  <circle
                    // biome-ignore lint/suspicious/noArrayIndexKey: days are their places.
                    key={`${name} ${day}`}
                    cx={`${places.middle(day)}%`}
                    cy={y(value)}
                    r="3"
                    fill="currentColor"
                    className={COLOURS[place]}
                  />
                ),
            ),
          )}
          {failures.map(
            (count, day) =>
              count > 0 && (
                <svg
                  aria-hidden
                  // biome-ignore lint/suspicious/noArrayIndexKey: days are their places.
                  key={day}
                  x={`${places.middle(day)}%`}
                  className="overflow-visible stroke-danger"
                >
                  <path d="M-4 0 4 8M4 0 -4 8" strokeWidth="2" />
                </svg>
              ),
          )}
        </>
      )}
    </Chart>
  )
}
