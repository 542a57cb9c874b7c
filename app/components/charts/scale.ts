import { max } from 'd3-array'
import { scaleLinear } from 'd3-scale'

/** Pixels of the part that data is drawn in; across, charts count in percent, so that they fit any page. */
export const HEIGHT = 160
const LABELS_MAX = 4

/** From 0 at the bottom to a round number above the largest value, with the values at its lines. */
export function valueScale(values: readonly (number | null)[]) {
  const top = max(values, (value) => value ?? 0) ?? 0
  const y = scaleLinear()
    .domain([0, top || 1])
    .nice(4)
    .range([HEIGHT, 0])
  return { y, ticks: top > 0 ? y.ticks(4) : [0] }
}

/** Where each of so many days has its place, in percent. */
export function dayPlaces(count: number) {
  const width = 100 / count
  return { width, left: (day: number) => day * width, middle: (day: number) => (day + 0.5) * width }
}

/** Which days are named below the chart: the last and, evenly spaced, few before it. */
export function namedDays(count: number): number[] {
  const step = Math.ceil(count / LABELS_MAX)
  return Array.from({ length: Math.ceil(count / step) }, (_, n) => count - 1 - n * step).reverse()
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `22 Nov`, of `2026-11-22`. */
export const shortDay = (day: string): string => DAY.format(new Date(day))
