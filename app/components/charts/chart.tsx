import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { DataTable } from './data-table'
import { Legend, type Mark } from './legend'
import { dayPlaces, HEIGHT, namedDays, shortDay, valueScale } from './scale'

export interface Series {
  name: string
  /** A place for each day; null where there is nothing to say. */
  values: (number | null)[]
}

interface ChartProps {
  title: string
  /** What there is to see, in a sentence, for whoever doesn't. */
  summary: string
  days: string[]
  /** At most 4. */
  series: Series[]
  /** What went wrong on each day. */
  failures?: number[]
  /** The highest value of each day that is drawn. */
  tops: (number | null)[]
  mark: Mark
  /** A value with its unit. */
  format: (value: number) => string
  children: (plot: Plot) => ReactNode
}

export interface Plot {
  y: (value: number) => number
  places: ReturnType<typeof dayPlaces>
}

/**
 * Axes, legend and table of values by day, around what draws them. The day under the pointer, or chosen with the arrow
 * keys, is told in words; without scripts the pointer still gets a title.
 */
export function Chart(props: ChartProps) {
  const { title, summary, days, series, failures, tops, mark, format, children } = props
  const id = useId()
  const last = days.length - 1
  const [shown, setShown] = useState(last)
  const isAlive = useAlive()
  const day = Math.min(shown, last)
  const { y, ticks } = valueScale(tops)
  const places = dayPlaces(days.length)
  const tell = (place: number) => {
    const parts = series.map(({ name, values }) =>
      series.length > 1 ? `${name} ${said(values[place], format)}` : said(values[place], format),
    )
    if (failures?.[place]) parts.push(`${failures[place]} failed`)
    return `${shortDay(days[place] ?? '')}: ${parts.join(', ')}`
  }
  const columns = series.map(({ name, values }) => ({
    name,
    values: values.map((value) => said(value, format)),
  }))
  if (failures) columns.push({ name: 'Failed', values: failures.map(String) })
  const onKeyDown = (event: KeyboardEvent) => {
    const step = Object.hasOwn(STEPS, event.key) ? STEPS[event.key] : undefined
    if (step === undefined) return
    event.preventDefault()
    setShown(Math.max(0, Math.min(last, day + step)))
  }
  return (
    <figure aria-labelledby={`${id}-title`} className="flex min-w-0 flex-col gap-2">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 id={`${id}-title`} className="font-medium">
          {title}
        </h2>
        <Legend names={series.map(({ name }) => name)} mark={mark} />
      </figcaption>
      <div className="flex min-w-0">
        <svg aria-hidden width="56" height={HEIGHT + 32} className="shrink-0 fill-muted text-xs">
          {ticks.map((tick) => (
            <text key={tick} x="48" y={y(tick) + 12} textAnchor="end">
              {format(tick)}
            </text>
          ))}
        </svg>
        <svg
          {...(isAlive ? slider(tell(day), day, last) : { role: 'img' })}
          aria-label={isAlive ? title : summary}
          aria-describedby={isAlive ? `${id}-summary` : undefined}
          width="100%"
          height={HEIGHT + 32}
          className="min-w-0 overflow-visible rounded-sm"
          onKeyDown={onKeyDown}
          onPointerLeave={() => setShown(last)}
        >
          <svg aria-hidden y="8" width="100%" height={HEIGHT} className="overflow-visible">
            {ticks.map((tick) => (
              <line key={tick} x2="100%" y1={y(tick)} y2={y(tick)} className="stroke-border" />
            ))}
            {isAlive && (
              <rect
                x={`${places.left(day)}%`}
                width={`${places.width}%`}
                height={HEIGHT}
                className="fill-sunken"
              />
            )}
            {children({ y, places })}
            {days.map((each, place) => (
              <rect
                key={each}
                x={`${places.left(place)}%`}
                width={`${places.width}%`}
                height={HEIGHT}
                fill="transparent"
                onPointerEnter={() => setShown(place)}
              >
                <title>{tell(place)}</title>
              </rect>
            ))}
          </svg>
          <g aria-hidden className="fill-muted text-xs">
            {namedDays(days.length).map((place) => (
              <text
                key={place}
                x={`${place === last ? 100 : places.middle(place)}%`}
                y={HEIGHT + 28}
                textAnchor={place === last ? 'end' : 'middle'}
              >
                {shortDay(days[place] ?? '')}
              </text>
            ))}
          </g>
        </svg>
      </div>
      <p id={`${id}-summary`} className="sr-only">
        {summary}
      </p>
      {/* Two lines at least, so that nothing jumps on a phone. */}
      <p aria-hidden className="min-h-10 text-xs text-muted tabular-nums sm:min-h-5">
        {tell(day)}
      </p>
      <DataTable caption={title} days={days} columns={columns} />
    </figure>
  )
}

const STEPS: Record<string, number | undefined> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -7,
  PageUp: 7,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

const said = (value: number | null | undefined, format: (value: number) => string) =>
  value === null || value === undefined ? '–' : format(value)

const slider = (text: string, now: number, max: number) => ({
  role: 'slider',
  tabIndex: 0,
  'aria-valuemin': 0,
  'aria-valuemax': max,
  'aria-valuenow': now,
  'aria-valuetext': text,
})

/** Whether scripts run: what needs them is not offered before. */
function useAlive(): boolean {
  const [isAlive, setAlive] = useState(false)
  useEffect(() => setAlive(true), [])
  return isAlive
}
