import { Badge, type Tone } from './ui/badge'
import { Spinner } from './ui/progress'

const LOOKS: Record<string, { tone: Tone; label: string; isMoving?: boolean }> = {
  queued: { tone: 'neutral', label: 'Queued', isMoving: true },
  starting: { tone: 'accent', label: 'Starting', isMoving: true },
  running: { tone: 'success', label: 'Running' },
  stopping: { tone: 'neutral', label: 'Stopping', isMoving: true },
  stopped: { tone: 'neutral', label: 'Stopped' },
  failed: { tone: 'danger', label: 'Failed' },
}

/** What people call each state. */
export const STATUS_LABELS: Record<string, string> = Object.fromEntries(
  Object.entries(LOOKS).map(([status, { label }]) => [status, label]),
)

export function MachineStatus({ status }: { status: string }) {
  const { tone, label, isMoving } = LOOKS[status] ?? { tone: 'neutral' as const, label: status }
  return (
    <Badge tone={tone}>
      {isMoving && <Spinner />}
      {label}
    </Badge>
  )
}
