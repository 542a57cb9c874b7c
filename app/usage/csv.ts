import { csvFile, csvRow } from '../csv'
import type { Usage } from './query'

const hours = (value: number) => value.toFixed(3)
const seconds = (value: number | null) => value?.toFixed(1) ?? ''

/** By day or, where the address says so, by machine or user. */
export function usageCsv({ url }: Request, usage: Usage, of: 'machine' | 'user'): Response {
  const isByDay = new URL(url).searchParams.get('by') === 'day'
  const lines = isByDay ? byDay(usage) : byRow(usage, of)
  return csvFile(`slipway-usage-${isByDay ? 'day' : of}-${usage.days}.csv`, lines.map(csvRow).join(''))
}

const byDay = ({ byDay }: Usage) => [
  [
    'day',
    ...['hours', 'gpu_hours', 'launches', 'failed_launches', 'launch_p50_seconds', 'launch_p95_seconds'],
    ...['downloads', 'bytes'],
  ],
  ...byDay.map((day) => [
    ...[day.day, hours(day.hours), hours(day.gpuHours), String(day.launches), String(day.failed)],
    ...[seconds(day.p50Seconds), seconds(day.p95Seconds), String(day.downloads), String(day.bytes)],
  ]),
]

const byRow = ({ rows }: Usage, of: string) => [
  [of, 'id', 'runs', 'hours', 'gpu_hours', 'downloads', 'bytes'],
  ...rows.map((row) => [
    ...[row.name ?? '', row.id, String(row.runs), hours(row.hours), hours(row.gpuHours)],
    ...[String(row.downloads), String(row.bytes)],
  ]),
]
