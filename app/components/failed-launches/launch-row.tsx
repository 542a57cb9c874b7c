import { useNavigation } from '@remix-run/react'
import { RotateCw } from 'lucide-react'
import type { Api } from '../../trpc/router'
import { Badge } from '../ui/badge'
import { Button } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'

export type FailedLaunch = Awaited<ReturnType<Api['admin']['failedLaunches']>>['launches'][number]

/** One launch in the form that retries them. */
export function LaunchRow({ launch }: { launch: FailedLaunch }) {
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('one') === launch.machineId
  const { machineId, machineName, userName, attempt } = launch
  return (
    <li className="flex gap-3 p-4" aria-label={`${machineName} of ${userName}`}>
      <input
        type="checkbox"
        name="id"
        value={machineId}
        aria-label={`Choose ${machineName} of ${userName}`}
        className="mt-1.5 size-4 shrink-0 accent-accent"
      />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <div className="flex items-start justify-between gap-3">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <h2 className="font-medium wrap-anywhere">{machineName}</h2>
            <Badge tone="danger">{launch.label}</Badge>
            {!launch.retryMayHelp && <Badge tone="warning">No retry before the cure</Badge>}
            <span className="text-muted">
              {userName} · attempt {attempt} · <RelativeTime at={launch.failedAt} tabIndex={-1} />
            </span>
          </div>
          <Button
            type="submit"
            name="one"
            value={machineId}
            size="sm"
            disabled={isBusy}
            aria-label={`Retry ${machineName}`}
            className="shrink-0"
          >
            <RotateCw aria-hidden /> Retry
          </Button>
        </div>
        <p>
          {launch.message} <span className="text-muted">{launch.cure}</span>
        </p>
        <Earlier attempts={launch.earlier} />
        {launch.detail && (
          <details>
            <summary className="text-muted">Detail</summary>
            <pre className="mt-2 max-h-80 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">
              {launch.detail}
            </pre>
          </details>
        )}
      </div>
    </li>
  )
}

/** Why the attempts before the last one failed. */
function Earlier({ attempts }: { attempts: FailedLaunch['earlier'] }) {
  if (!attempts.length) return null
  return (
    <ul aria-label="Earlier attempts" className="text-muted">
      {attempts.map(({ attempt, label, message }) => (
        <li key={attempt}>
          Attempt {attempt}: {label ?? 'Ended without failing'}
          {message && `. ${message}`}
        </li>
      ))}
    </ul>
  )
}
