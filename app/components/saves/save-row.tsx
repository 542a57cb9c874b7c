import { Link } from '@remix-run/react'
import { formatBytes } from '../../../format-bytes'
import { KIND_LABELS } from '../../../providers/registry'
import { Confirm } from '../confirm'
import { CopyText } from '../copy-text'
import { Fact, Facts } from '../facts'
import { ModeLink } from '../mode-link'
import { buttonClasses } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'
import { type Save, SaveBadge, SaveProgress } from './save-status'

interface SaveRowProps {
  save: Save
  mayLaunch: boolean
  /** Whether it is asked for here if it should go. */
  isDeleting: boolean
}

/** One cloud save, and what can be done with it. */
export function SaveRow({ save, mayLaunch, isDeleting }: SaveRowProps) {
  const { id, name, machine, bytes, sha256 } = save
  return (
    <li className="flex flex-col gap-2 p-4" aria-label={name}>
      <div className="flex flex-col gap-2 sm:flex-row sm:items-start sm:justify-between">
        <div className="flex min-w-0 flex-col gap-2">
          <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
            <h2 className="font-medium wrap-anywhere">{name}</h2>
            <SaveBadge status={save.status} />
          </div>
          <Facts>
            <Fact name="From">
              {machine.name} ({KIND_LABELS[save.kind]})
            </Fact>
            <Fact name="Made">
              <RelativeTime at={save.createdAt} />
            </Fact>
            {bytes !== null && (
              <Fact name="Size">
                {formatBytes(bytes)}, with {formatBytes(save.bytesTotal)} of files
              </Fact>
            )}
          </Facts>
        </div>
        <div className="flex shrink-0 flex-wrap gap-2">
          {save.status === 'saved' && mayLaunch && (
            <Link to={`/machines?save=${id}`} className={buttonClasses({ size: 'sm' })}>
              Start from this save
            </Link>
          )}
          {!isDeleting && (
            <ModeLink to={`?delete=${id}`} label={`Delete ${name}`}>
              Delete
            </ModeLink>
          )}
        </div>
      </div>
      <SaveProgress save={save} />
      {sha256 && (
        <details>
          <summary className="cursor-pointer text-muted">
            SHA-256 <code className="font-mono">{sha256.slice(0, 12)}…</code>
          </summary>
          <div className="mt-2 max-w-xl">
            <CopyText label={`SHA-256 of ${name}`} text={sha256} />
          </div>
        </details>
      )}
      {isDeleting && (
        <Confirm action="/saves" fields={{ id }} does="Delete save" keeps="Keep it">
          Delete “{name}”? Its files can’t be brought back. Machines that were started from it keep theirs.
        </Confirm>
      )}
    </li>
  )
}
