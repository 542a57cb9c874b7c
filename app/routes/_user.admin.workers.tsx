import type { LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ServerOff } from 'lucide-react'
import { Fact, Facts } from '../components/facts'
import { PageTitle } from '../components/page-title'
import { REDIS_FAULTS } from '../components/redis-faults'
import { AdminNav } from '../components/sub-nav'
import { Alert } from '../components/ui/alert'
import { Section } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { RelativeTime } from '../components/ui/relative-time'
import { WorkerRow } from '../components/worker-row'
import { orRefuse } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  queue: await orRefuse(context.api.admin.queue()),
})

export const meta = () => [{ title: 'Workers · Admin · Slipway' }]

export default function Workers() {
  const { queue } = useLoaderData<typeof loader>()
  const { waiting, waitingSince, delayed, starting, redisFaults, workers } = queue
  return (
    <>
      <AdminNav />
      <PageTitle title="Workers" description="The processes that launch machines, and what waits for them." />
      {redisFaults.map((fault) => (
        <Alert key={fault} tone="danger" title={REDIS_FAULTS[fault].title}>
          {REDIS_FAULTS[fault].cure}
        </Alert>
      ))}
      <Section title="Queue">
        <Facts>
          <Fact name="Waiting">{waiting}</Fact>
          {waitingSince && (
            <Fact name="Longest since">
              <RelativeTime at={waitingSince} />
            </Fact>
          )}
          <Fact name="Retried later">{delayed}</Fact>
          <Fact name="Starting">{starting}</Fact>
        </Facts>
      </Section>
      <Section title={workers.length === 1 ? 'One worker' : `${workers.length} workers`} padded={false}>
        {workers.length === 0 ? (
          <EmptyState icon={ServerOff} title="No worker runs">
            Nothing launches. Start one: npm start does, and its output says why a worker ends.
          </EmptyState>
        ) : (
          <ul className="divide-y">
            {workers.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} />
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}
