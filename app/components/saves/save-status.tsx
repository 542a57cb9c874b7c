import { formatBytes } from '../../../format-bytes'
import type { Api } from '../../trpc/router'
import { Badge, type Tone } from '../ui/badge'
import { ProgressBar, Spinner } from '../ui/progress'

export type Save = Awaited<ReturnType<Api['cloudSaves']['get']>>

const LOOKS: Record<Save['status'], { tone: Tone; label: string; isMoving?: boolean }> = {
  queued: { tone: 'neutral', label: 'Queued', isMoving: true },
  saving: { tone: 'accent', label: 'Saving', isMoving: true },
  saved: { tone: 'success', label: 'Saved' },
  failed: { tone: 'danger', label: 'Failed' },
}

export function SaveBadge({ status }: Pick<Save, 'status'>) {
  const { tone, label, isMoving } = LOOKS[status]
  return (
    <Badge tone={tone}>
      {isMoving && <Spinner />}
      {label}
    </Badge>
  )
}

/** How far it is, what went wrong, or what was left out: whatever there is to say. */
export function SaveProgress({ save }: { save: Save }) {
  const { name, status, bytesDone, bytesTotal, error, notes } = save
  if (status === 'saving')
    return (
      <div className="flex w-full flex-col gap-1">
        <ProgressBar
          label={`Saving ${name}`}
          value={bytesTotal ? Math.min(1, bytesDone / bytesTotal) : undefined}
        />
        <span className="text-xs text-muted tabular-nums">
          {formatBytes(bytesDone)} of {formatBytes(bytesTotal)}
        </span>
      </div>
    )
  if (error) return <p className="w-full text-danger">{error.message}</p>
  if (!notes.length) return null
  return (
    <details className="w-full">
      <summary className="cursor-pointer text-muted">
        {notes.length === 1 ? 'One note' : `${notes.length} notes`} about what was saved
      </summary>
      <ul className="mt-1 flex list-disc flex-col gap-1 pl-5">
        {notes.map((note) => (
          <li key={note} className="wrap-anywhere">
            {note}
          </li>
        ))}
      </ul>
    </details>
  )
}
