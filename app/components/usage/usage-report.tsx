import { Link } from '@remix-run/react'
import clsx from 'clsx'
import { ChartColumn, Download } from 'lucide-react'
import { formatBytes } from '../../../format-bytes'
import type { usageAnswer } from '../../usage/answer'
import { buttonClasses } from '../ui/button'
import { Card, Section } from '../ui/card'
import { EmptyState } from '../ui/empty-state'
import { Figure, Figures } from '../ui/figures'
import { inHours, inSeconds } from './units'
import { UsageCharts } from './usage-charts'
import { UsageTable } from './usage-table'

interface UsageReportProps {
  usage: ReturnType<typeof usageAnswer>
  of: 'machine' | 'user'
  /** Of the page; its file is beside it. */
  path: string
}

/** Figures, charts and a table of one's own usage, or everybody's. */
export function UsageReport({ usage, of, path }: UsageReportProps) {
  const { total, days, rows, left } = usage
  const isEmpty = rows.length === 0 && total.failed === 0
  return (
    <>
      <Period path={path} days={days} />
      {isEmpty ? (
        <Card>
          <EmptyState
            icon={ChartColumn}
            title={`Nothing ran in the last ${days} days`}
            action={
              <Link to="/machines" className={buttonClasses({ variant: 'primary' })}>
                Launch a machine
              </Link>
            }
          >
            GPU hours, launch times and downloads show here as soon as a machine runs.
          </EmptyState>
        </Card>
      ) : (
        <>
          <Card className="p-4">
            <Figures>
              <Figure name="GPU time">{inHours(total.gpuHours)}</Figure>
              <Figure name="Machine time">{inHours(total.hours)}</Figure>
              <Figure name="Launches">
                {total.launches}
                {total.failed > 0 && (
                  <span className="text-sm font-normal text-muted"> and {total.failed} failed</span>
                )}
              </Figure>
              <Figure name="Half launched within">
                {total.p50Seconds === null ? '–' : inSeconds(total.p50Seconds)}
              </Figure>
              <Figure name="95 % launched within">
                {total.p95Seconds === null ? '–' : inSeconds(total.p95Seconds)}
              </Figure>
              <Figure name="Downloaded">
                {formatBytes(total.bytes)}
                <span className="text-sm font-normal text-muted"> in {total.downloads} files</span>
              </Figure>
            </Figures>
          </Card>
          <UsageCharts usage={usage} />
          <Section
            title={of === 'user' ? 'By user' : 'By machine'}
            description="Days are in UTC."
            padded={false}
            actions={
              <>
                <Csv href={`${path}.csv?days=${days}&by=day`}>By day</Csv>
                <Csv href={`${path}.csv?days=${days}`}>{of === 'user' ? 'By user' : 'By machine'}</Csv>
              </>
            }
          >
            <UsageTable rows={rows} of={of} left={left} />
          </Section>
        </>
      )}
    </>
  )
}

const Csv = ({ href, children }: { href: string; children: string }) => (
  <a href={href} download className={buttonClasses({ size: 'sm' })}>
    <Download aria-hidden /> CSV: {children.toLowerCase()}
  </a>
)

function Period({ path, days }: { path: string; days: number }) {
  return (
    <nav aria-label="Period" className="flex flex-wrap gap-1">
      {[7, 30, 90].map((each) => (
        <Link
          key={each}
          to={`${path}?days=${each}`}
          preventScrollReset
          aria-current={each === days ? 'page' : undefined}
          className={clsx(
            'rounded-md px-2.5 py-1.5 font-medium hover:bg-sunken',
            each === days ? 'bg-sunken text-text' : 'text-muted',
          )}
        >
          {each} days
        </Link>
      ))}
    </nav>
  )
}
