import { formatBytes } from '../../../format-bytes'
import type { Usage } from '../../usage/query'
import { Hatches } from '../charts/legend'
import { Lines } from '../charts/lines'
import { StackedBars } from '../charts/stacked-bars'
import { Card } from '../ui/card'
import { inHours, MINUTES_FROM, plain } from './units'

type Usages = Pick<Usage, 'byDay' | 'sizes' | 'total' | 'days'>

export function UsageCharts({ usage }: { usage: Usages }) {
  return (
    <>
      <Hatches />
      <Card className="p-4">
        <Hours {...usage} />
      </Card>
      <div className="grid gap-6 md:grid-cols-2">
        <Card className="min-w-0 p-4">
          <LaunchTimes {...usage} />
        </Card>
        <Card className="min-w-0 p-4">
          <Downloads {...usage} />
        </Card>
      </div>
    </>
  )
}

/** Of GPUs or, where no machine has any, of machines. */
function Hours({ byDay, sizes, total, days }: Usages) {
  const ofGpus = total.gpuHours > 0
  const title = ofGpus ? 'GPU hours by day' : 'Machine hours by day'
  const all = ofGpus ? total.gpuHours : total.hours
  const series = sizes
    .map(({ label, hours, gpuHours }) => ({ name: label, values: ofGpus ? gpuHours : hours }))
    .filter(({ values }) => values.some((value) => value > 0))
  return (
    <StackedBars
      title={title}
      summary={`${inHours(all)} in ${days} days, most on ${mostOn(byDay, ofGpus ? 'gpuHours' : 'hours')}, by size of machine.`}
      days={byDay.map(({ day }) => day)}
      series={series.length ? series : [{ name: 'Hours', values: byDay.map(() => 0) }]}
      format={inHours}
    />
  )
}

function LaunchTimes({ byDay, total }: Usages) {
  const isLong = byDay.some(({ p95Seconds }) => (p95Seconds ?? 0) > MINUTES_FROM)
  if (!byDay.some(({ p50Seconds, failed }) => p50Seconds !== null || failed > 0))
    return <NothingDrawn title="Time to launch">No launch ran or failed in these days.</NothingDrawn>
  const [by, unit] = isLong ? [60, 'min'] : [1, 's']
  const scaled = (seconds: number | null) => (seconds === null ? null : seconds / by)
  const format = (value: number) => `${plain(value)} ${unit}`
  const told = (seconds: number | null) => (seconds === null ? 'nothing' : format(seconds / by))
  return (
    <Lines
      title="Time to launch"
      summary={`Half of ${total.launches} launches ran within ${told(total.p50Seconds)}, 95 % within ${told(total.p95Seconds)}; ${total.failed} failed.`}
      days={byDay.map(({ day }) => day)}
      series={[
        { name: 'Half within', values: byDay.map(({ p50Seconds }) => scaled(p50Seconds)) },
        { name: '95 % within', values: byDay.map(({ p95Seconds }) => scaled(p95Seconds)) },
      ]}
      failures={byDay.map(({ failed }) => failed)}
      format={format}
    />
  )
}

function Downloads({ byDay, total, days }: Usages) {
  if (!total.downloads)
    return (
      <NothingDrawn title="Downloads by day">
        Nothing was downloaded in these days. What a machine’s file manager downloads shows here.
      </NothingDrawn>
    )
  return (
    <StackedBars
      title="Downloads by day"
      summary={`${total.downloads} models of ${formatBytes(total.bytes)} in ${days} days, most on ${mostOn(byDay, 'bytes')}.`}
      days={byDay.map(({ day }) => day)}
      series={[{ name: 'Downloaded', values: byDay.map(({ bytes }) => bytes) }]}
      format={formatBytes}
    />
  )
}

const NothingDrawn = ({ title, children }: { title: string; children: string }) => (
  <>
    <h2 className="font-medium">{title}</h2>
    <p className="mt-2 text-muted">{children}</p>
  </>
)

function mostOn(byDay: Usage['byDay'], name: 'hours' | 'gpuHours' | 'bytes'): string {
  const most = byDay.reduce<Usage['byDay'][number] | undefined>(
    (best, day) => (day[name] > (best?.[name] ?? 0) ? day : best),
    undefined,
  )
  return most?.day ?? 'no day'
}
