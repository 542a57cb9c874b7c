import { Link } from '@remix-run/react'
import { KIND_LABELS } from '../../../providers/registry'
import type { Api } from '../../trpc/router'
import { CopyButton } from '../copy-button'
import { MachineStatus } from '../machine-status'
import { RelativeTime } from '../ui/relative-time'
import { MachineControls } from './machine-controls'
import { StopQuestion } from './stop-question'

type ListedMachine = Awaited<ReturnType<Api['admin']['machines']>>['machines'][number]

interface MachineRowProps {
  machine: ListedMachine
  /** The address of the page that it is on. */
  here: string
  isAsked: boolean
}

export function MachineRow({ machine, here, isAsked }: MachineRowProps) {
  const { id, name, owner, kind, size, status, attempt, since, failure } = machine
  return (
    <li className="flex flex-col gap-3 px-4 py-3" aria-label={`${name} of ${owner.name}`}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Link to={`/admin/machines/${id}`} className="font-medium wrap-anywhere hover:underline">
              {name}
            </Link>
            <MachineStatus status={status} />
            <span className="text-xs text-muted">
              <RelativeTime at={since} tabIndex={-1} />
            </span>
          </div>
          <p className="text-muted wrap-anywhere">
            {owner.name} · {KIND_LABELS[kind]} · {size.label}
            {attempt > 1 && ` · attempt ${attempt}`}
          </p>
          <p className="flex items-center gap-1 text-muted">
            <code className="font-mono text-xs">{id}</code>
            <CopyButton text={id} label={`Copy the id of ${name}`} />
          </p>
          {failure && <p className="text-danger">{failure}</p>}
        </div>
        {!isAsked && <MachineControls machine={machine} here={here} />}
      </div>
      {isAsked && <StopQuestion machine={machine} here={here} />}
    </li>
  )
}
