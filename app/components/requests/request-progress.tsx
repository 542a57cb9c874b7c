import { Link } from '@remix-run/react'
import { ProgressBar } from '../ui/progress'
import { milestone, type Request } from './stages'

/** What happens with a request that has not ended. */
export function RequestProgress({ request }: { request: Request }) {
  const { status, queuePosition, machineId, message, progress } = request
  return (
    <div className="flex flex-col gap-2">
      <p className="wrap-anywhere">
        {message ?? `${milestone(request)}.`}
        {progress !== null && (
          <span className="ml-2 text-muted tabular-nums">{Math.floor(progress * 100)} %</span>
        )}
      </p>
      {queuePosition !== null && queuePosition > 0 && (
        <p className="text-muted">
          {queuePosition === 1 ? 'One of your requests comes' : `${queuePosition} of your requests come`}{' '}
          first.
        </p>
      )}
      {status === 'in_progress' && <ProgressBar label={milestone(request)} value={progress ?? undefined} />}
      {machineId && (
        <p className="text-sm">
          <Link to={`/machines/${machineId}`} className="text-accent underline">
            Open its machine
          </Link>
        </p>
      )}
    </div>
  )
}
