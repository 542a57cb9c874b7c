import { Form, Link, useNavigation } from '@remix-run/react'
import { Square } from 'lucide-react'
import { KIND_LABELS } from '../../../providers/registry'
import { Fact } from '../facts'
import { Holds, RunFacts } from '../machine-facts'
import { MachineQuestion } from '../machine-question'
import { MachineStatus } from '../machine-status'
import { ModeLink } from '../mode-link'
import { OpenServices } from '../open-services'
import { Badge } from '../ui/badge'
import { Button } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'
import type { ListedMachine } from './arrange'

const ACTION = '/machines?index'

interface MachineCardProps {
  machine: ListedMachine
  /** Where there is only one size that limits nothing, it tells nothing. */
  showsSize: boolean
  /** The address of the list as it is shown. */
  here: string
  /** Whether it is asked here if the machine should stop. */
  isAsked: boolean
}

/** A machine among others: all of it leads to its page, but for its buttons. */
export function MachineCard({ machine, showsSize, here, isAsked }: MachineCardProps) {
  const { id, name, status, kind, size, warning, queue, error, createdAt } = machine
  const isRunning = status === 'running'
  // What waits has taken nothing yet.
  const holds = isRunning || (status === 'starting' && machine.tokens.length > 0)
  const isEnded = status === 'stopped' || status === 'failed'
  return (
    <li className="relative flex min-w-0 flex-col gap-3 rounded-lg border bg-surface p-4 hover:border-control">
      <div>
        <div className="flex items-start justify-between gap-3">
          <Link
            to={`/machines/${id}`}
            className="min-w-0 text-base font-semibold wrap-anywhere after:absolute after:inset-0 after:rounded-lg"
          >
            {name}
          </Link>
          <MachineStatus status={status} />
        </div>
        <p className="text-sm text-muted">
          {KIND_LABELS[kind]}
          {showsSize && ` · ${size.label}`}
          {showsSize && size.description && `: ${size.description}`}
        </p>
      </div>
      {queue && <p>{queue.message}</p>}
      {error && <p className="text-danger">{error.message}</p>}
      {warning && <Badge tone="warning">About to be stopped</Badge>}
      <dl className="flex flex-col gap-1">
        {holds && (
          <Fact name="Holds">
            <Holds machine={machine} />
          </Fact>
        )}
        <RunFacts machine={machine} />
        {!isRunning && (
          <Fact name="Launched">
            <RelativeTime at={createdAt} />
          </Fact>
        )}
      </dl>
      {isRunning && isAsked ? (
        <div className="relative border-t pt-3">
          <MachineQuestion intent="stop" machine={machine} action={ACTION} back={here} />
        </div>
      ) : (
        !isEnded &&
        status !== 'stopping' && (
          <div className="relative mt-auto flex flex-wrap gap-2 self-start">
            <OpenServices machine={machine} isOneOfMany />
            {isRunning ? <AskToStop machine={machine} here={here} /> : <Stop machine={machine} />}
          </div>
        )
      )}
    </li>
  )
}

/** What a running machine works on would be lost. */
function AskToStop({ machine: { id, name }, here }: { machine: ListedMachine; here: string }) {
  const params = new URLSearchParams(here)
  params.set('stop', id)
  return (
    <ModeLink to={`?${params}`} label={`Stop ${name}`}>
      <Square aria-hidden /> Stop
    </ModeLink>
  )
}

function Stop({ machine: { id, name } }: { machine: ListedMachine }) {
  const { state, formData } = useNavigation()
  return (
    <Form method="post" action={ACTION} preventScrollReset>
      <input type="hidden" name="id" value={id} />
      <Button
        type="submit"
        name="intent"
        value="stop"
        size="sm"
        aria-label={`Stop ${name}`}
        disabled={state !== 'idle' && formData?.get('id') === id}
      >
        <Square aria-hidden /> Stop
      </Button>
    </Form>
  )
}
