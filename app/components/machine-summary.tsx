import { inWords } from '../../duration'
import type { Api } from '../trpc/router'
import { Fact, Facts } from './facts'
import { Holds, RunFacts } from './machine-facts'
import { Card } from './ui/card'

type Machine = Awaited<ReturnType<Api['machines']['get']>>

/** What there is to know of a machine that has run, at a glance. */
export function MachineSummary({ machine }: { machine: Machine }) {
  const { status, ran, launch } = machine
  const isRunning = status === 'running'
  if (!isRunning && !ran) return null
  return (
    <Card className="p-4">
      <Facts>
        {isRunning && (
          <Fact name="Holds">
            <Holds machine={machine} />
          </Fact>
        )}
        {launch?.hasRun && <Fact name="Launched in">{inWords(launch.ms)}</Fact>}
        <RunFacts machine={machine} />
      </Facts>
    </Card>
  )
}
