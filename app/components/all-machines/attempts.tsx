import type { Api } from '../../trpc/router'
import { Fact, Facts } from '../facts'
import { Badge } from '../ui/badge'
import { RelativeTime } from '../ui/relative-time'

type Attempt = Awaited<ReturnType<Api['admin']['machine']>>['attempts'][number]

/** Each try to launch a machine, the last first, and why it failed. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  return (
    <ol className="divide-y">
      {attempts.map(({ attempt, startedAt, endedAt, requestId, failure }) => (
        <li key={attempt} className="flex flex-col gap-2 p-4">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h3 className="font-medium">Attempt {attempt}</h3>
            {failure && <Badge tone="danger">{failure.label}</Badge>}
            {failure && !failure.retryMayHelp && <Badge tone="warning">No retry before the cure</Badge>}
          </div>
          {failure && (
            <p>
              {failure.message} <span className="text-muted">{failure.cure}</span>
            </p>
          )}
          <Facts>
            <Fact name="Asked for">
              <RelativeTime at={startedAt} tabIndex={-1} />
            </Fact>
            {endedAt && (
              <Fact name="Ended">
                <RelativeTime at={endedAt} tabIndex={-1} />
              </Fact>
            )}
            {requestId && (
              <Fact name="Request">
                <code className="font-mono">{requestId}</code>
              </Fact>
            )}
          </Facts>
          {failure?.detail && (
            <details>
              <summary className="text-muted">Detail</summary>
              <pre className="mt-2 max-h-80 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">
                {failure.detail}
              </pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  )
}
