import { Badge, type Tone } from '../ui/badge'
import { Spinner } from '../ui/progress'
import { isOpen, milestone, type Request } from './stages'

const TONES: Record<Request['status'], Tone> = {
  in_queue: 'neutral',
  in_progress: 'accent',
  completed: 'success',
  failed: 'danger',
  cancelled: 'neutral',
}

export function RequestStatus({ request }: { request: Pick<Request, 'status' | 'stage'> }) {
  return (
    <Badge tone={TONES[request.status]}>
      {isOpen(request) && <Spinner />}
      {milestone(request)}
    </Badge>
  )
}
