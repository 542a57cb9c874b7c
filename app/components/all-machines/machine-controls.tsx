import { Form, useNavigation } from '@remix-run/react'
import { RotateCw, Square } from 'lucide-react'
import { ModeLink } from '../mode-link'
import { Button } from '../ui/button'

interface MachineControlsProps {
  machine: { id: string; name: string; status: string; replacedBy: string | null }
  /** The address of the page that it is on. */
  here: string
}

/** What an administrator can do with anybody's machine as it stands. */
export function MachineControls({ machine, here }: MachineControlsProps) {
  const { id, name, status, replacedBy } = machine
  const { state, formData } = useNavigation()
  const isBusy = state !== 'idle' && formData?.get('id') === id
  if (['queued', 'starting', 'running'].includes(status))
    return (
      <ModeLink to={`${here}${here.includes('?') ? '&' : '?'}stop=${id}`} label={`Stop ${name}`}>
        <Square aria-hidden /> Stop
      </ModeLink>
    )
  if (status !== 'failed' || replacedBy) return null
  return (
    <Form method="post" action={here} replace preventScrollReset>
      <input type="hidden" name="id" value={id} />
      <Button
        type="submit"
        name="intent"
        value="retry"
        size="sm"
        disabled={isBusy}
        aria-label={`Retry ${name}`}
      >
        <RotateCw aria-hidden /> Retry
      </Button>
    </Form>
  )
}
