import type { Api } from '../trpc/router'
import { Fact, Facts } from './facts'
import { RelativeTime } from './ui/relative-time'

type Disk = NonNullable<Awaited<ReturnType<Api['machines']['options']>>['disk']>

/** As `DISK_PER_USER_GIB` counts. */
const inGib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

/** What the user's files take, and of how much. */
export function DiskUsage({ disk }: { disk: Disk }) {
  const { total, limit, workspaces, models, saves, results, measuredAt } = disk
  return (
    <div className="flex flex-col gap-1 px-4 py-3">
      <Facts>
        <Fact name="Disk">
          {inGib(total)}
          {limit !== null && ` of ${inGib(limit)}`}
        </Fact>
        <Fact name="Workspaces">{inGib(workspaces)}</Fact>
        <Fact name="Models">{inGib(models)}</Fact>
        <Fact name="Cloud saves">{inGib(saves)}</Fact>
        <Fact name="Results">{inGib(results)}</Fact>
        <Fact name="Measured">
          <RelativeTime at={measuredAt} />
        </Fact>
      </Facts>
    </div>
  )
}
