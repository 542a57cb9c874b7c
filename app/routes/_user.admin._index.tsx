import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { formatBytes } from '../../format-bytes'
import { keepsShown } from '../components/keeps-shown'
import { Attention } from '../components/overview/attention'
import { PageTitle } from '../components/page-title'
import { AdminNav } from '../components/sub-nav'
import { Section } from '../components/ui/card'
import { Figure, Figures } from '../components/ui/figures'
import { RelativeTime } from '../components/ui/relative-time'
import { useReload } from '../components/use-reload'
import { FAILED_TODAY } from '../failed-launches/query'
import { orRefuse } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  overview: await orRefuse(context.api.admin.overview()),
})

export const clientLoader = keepsShown()

export const meta = () => [{ title: 'Overview · Admin · Slipway' }]

const machinesThat = (status: string) => `/admin/machines?status=${status}`
const inMs = (ms: number) => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`

export default function Overview() {
  const { overview } = useLoaderData<typeof loader>()
  const { machines, failures, queue, workers, redis, database, disk } = overview
  useReload()
  return (
    <>
      <AdminNav />
      <PageTitle title="Overview" description="How this server is now." />
      <Attention overview={overview} />
      <div className="grid gap-6 md:grid-cols-2">
        <Section title="Machines">
          <Figures>
            <Figure name="Running" to={machinesThat('running')}>
              {machines.running}
            </Figure>
            <Figure name="Starting" to={machinesThat('starting')}>
              {machines.starting}
            </Figure>
            <Figure name="Queued" to={machinesThat('queued')}>
              {machines.queued}
            </Figure>
            <Figure name="Stopping" to={machinesThat('stopping')}>
              {machines.stopping}
            </Figure>
            <Figure name="Failed in 24 h" to={FAILED_TODAY}>
              {failures.waiting}
              {failures.count > failures.waiting && (
                <span className="block text-xs font-normal text-muted">
                  and {failures.count - failures.waiting} relaunched or deleted since
                </span>
              )}
            </Figure>
          </Figures>
        </Section>
        <Section title="Queue">
          <Figures>
            <Figure name="Waiting">{queue.waiting}</Figure>
            {queue.waitingSince && (
              <Figure name="Oldest waiting">
                <span className="text-base">
                  <RelativeTime at={queue.waitingSince} />
                </span>
              </Figure>
            )}
            <Figure name="Retried later">{queue.delayed}</Figure>
          </Figures>
        </Section>
        <Section title="Workers">
          <Figures>
            <Figure name="Taking jobs" to="/admin/workers">
              {workers.working}
            </Figure>
            <Figure name="Taking no jobs">{workers.silent}</Figure>
            <Figure name="Gone in 24 h">{workers.gone}</Figure>
          </Figures>
        </Section>
        <Section title="Disk">
          <Figures>
            <Figure name="Free">{formatBytes(disk.freeBytes)}</Figure>
            <Figure name="Total">{formatBytes(disk.totalBytes)}</Figure>
            <Figure name="Users’ files">{formatBytes(disk.usersBytes)}</Figure>
          </Figures>
        </Section>
        <Section title="Redis">
          {redis ? (
            <Figures>
              <Figure name="Memory used">{formatBytes(redis.usedBytes)}</Figure>
              <Figure name="Limit">
                {redis.limitBytes === null ? 'none' : formatBytes(redis.limitBytes)}
              </Figure>
              <Figure name="Answers in">{inMs(redis.answeredMs)}</Figure>
            </Figures>
          ) : (
            <p className="text-muted">It does not answer.</p>
          )}
        </Section>
        <Section title="Database">
          <Figures>
            <Figure name="Size">{formatBytes(database.bytes)}</Figure>
            <Figure name="Log (WAL)">{formatBytes(database.walBytes)}</Figure>
            <Figure name="Answers in">{inMs(database.answeredMs)}</Figure>
            <Figure name="Schema">{database.schemaVersion}</Figure>
          </Figures>
        </Section>
      </div>
    </>
  )
}
