import type { Api } from '../trpc/router'
import { Fact, Facts } from './facts'
import { Badge, type Tone } from './ui/badge'
import { RelativeTime } from './ui/relative-time'

type ListedWorker = Awaited<ReturnType<Api['admin']['queue']>>['workers'][number]

const STATES: Record<ListedWorker['state'], { tone: Tone; label: string; cure?: string }> = {
  working: { tone: 'success', label: 'Takes jobs' },
  silent: {
    tone: 'warning',
    label: 'Takes no jobs',
    cure: 'It lives, but the queue brings it nothing. It connects anew by itself; if this stays, look at Redis.',
  },
  gone: {
    tone: 'danger',
    label: 'Gone',
    cure: 'It ended without saying so. Its output says why; another worker goes on with its launches.',
  },
}

/** One worker process. */
export function WorkerRow({ worker }: { worker: ListedWorker }) {
  const { host, pid, startedAt, beatAt, takesJobsAt, keyIds } = worker
  const { tone, label, cure } = STATES[worker.state]
  const name = `${host || 'unknown host'}, process ${pid}`
  return (
    <li className="flex flex-col gap-2 p-4" aria-label={name}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium wrap-anywhere">{name}</h3>
        <Badge tone={tone}>{label}</Badge>
        {worker.state !== 'gone' && !worker.hasSealingKey && <Badge tone="warning">Other token key</Badge>}
      </div>
      {cure && <p className="text-muted">{cure}</p>}
      <Facts>
        <Fact name="Since">
          <RelativeTime at={startedAt} />
        </Fact>
        <Fact name="Last heard of">
          <RelativeTime at={beatAt} />
        </Fact>
        <Fact name="Last job">{takesJobsAt ? <RelativeTime at={takesJobsAt} /> : 'never'}</Fact>
        <Fact name="Token keys">
          <code className="font-mono">{keyIds.join(' ') || 'none'}</code>
        </Fact>
      </Facts>
    </li>
  )
}
