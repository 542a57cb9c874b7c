import { stack } from 'd3-shape'
import { Chart, type Series } from './chart'
import { COLOURS, Hatching } from './legend'
import { HEIGHT } from './scale'

const DRAWN_MAX = 4
/** Of the width of a day. */
const BAR = 0.72

interface StackedBarsProps {
  title: string
  summary: string
  days: string[]
  series: Series[]
  format: (value: number) => string
}

/** A bar a day, of what is given upon each other; what is more than four becomes “Others”. */
export function StackedBars({ series, ...rest }: StackedBarsProps) {
  const drawn = atMost(DRAWN_MAX, series)
  const layers = stack<unknown, string, number>()
    .keys(drawn.map((_, place) => place))
    .value((_, place, day) => drawn[place]?.values[day] ?? 0)(rest.days)
  const tops = layers.at(-1)?.map(([, top]) => top) ?? []
  return (
    <Chart {...rest} series={drawn} tops={tops} mark="bar">
      {({ y, places }) =>
        layers.map((layer, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: layers are their places.
          <g key={place} className={COLOURS[place]}>
            {layer.map(([from, to], day) => {
              const height = y(from) - y(to)
              if (!(height > 0)) return null
              const box = {
                x: `${places.left(day) + (places.width * (1 - BAR)) / 2}%`,
                width: `${places.width * BAR}%`,
                // What is little is seen all the same.
                y: Math.min(y(to), HEIGHT - 1),
                height: Math.max(1, height),
              }
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: days are their places.
                <g key={day}>
                  <rect {...box} fill="currentColor" />
                  <Hatching {...box} place={place} />
                </g>
              )
            })}
          </g>
        ))
      }
    </Chart>
  )
}

function atMost(count: number, series: Series[]): Series[] {
  if (series.length <= count) return series
  const others = series.slice(count - 1)
  const values = others[0]?.values.map((_, day) =>
    others.reduce((all, each) => all + (each.values[day] ?? 0), 0),
  )
  return [...series.slice(0, count - 1), { name: 'Others', values: values ?? [] }]
}
