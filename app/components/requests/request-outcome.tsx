import { Link } from '@remix-run/react'
import { requestErrorCure } from '../../../request-errors'
import { Alert } from '../ui/alert'
import { buttonClasses } from '../ui/button'
import { RequestProgress } from './request-progress'
import { Results } from './results'
import { isOpen, type Request } from './stages'

interface RequestOutcomeProps {
  request: Request
  outputs: { name: string; title: string }[] | undefined
}

/** How far a request is, or what came of it. */
export function RequestOutcome({ request, outputs }: RequestOutcomeProps) {
  if (isOpen(request)) return <RequestProgress request={request} />
  if (request.status === 'cancelled') return <p className="text-muted">It was cancelled.</p>
  if (request.status === 'completed') return <Results request={request} outputs={outputs} />
  const { error, machineId } = request
  const cure = error && requestErrorCure(error.class)
  return (
    <Alert
      tone="danger"
      title={error?.message ?? 'It failed.'}
      actions={
        machineId && (
          <>
            <Link to={`/machines/${machineId}`} className={buttonClasses({ size: 'sm' })}>
              Open its machine
            </Link>
            <Link to={`/machines/${machineId}?log=comfyui`} className={buttonClasses({ size: 'sm' })}>
              Log of its ComfyUI
            </Link>
          </>
        )
      }
    >
      {cure && !error.message.includes(cure) && cure}
    </Alert>
  )
}
