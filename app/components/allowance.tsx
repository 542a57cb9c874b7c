import type { Api } from '../trpc/router'
import { Fact, Facts } from './facts'

type Limits = Awaited<ReturnType<Api['machines']['options']>>['limits']

/** What somebody may have. */
export function Allowance({ limits }: { limits: Pick<Limits, 'machinesPerUser' | 'sessionMinutes'> }) {
  const { machinesPerUser, sessionMinutes } = limits
  return (
    <Facts>
      <Fact name="Machines at once">{machinesPerUser ?? 'no limit'}</Fact>
      <Fact name="Session">
        {sessionMinutes === null ? 'no limit' : `${Number((sessionMinutes / 60).toFixed(2))} hours`}
      </Fact>
    </Facts>
  )
}
