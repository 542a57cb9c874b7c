import { Info } from 'lucide-react'
import { memo } from 'react'
import { Badge } from '~/app/components/ui/badge'
import { ProgressBar } from '~/app/components/ui/progress'
import { RelativeTime } from '~/app/components/ui/relative-time'
import { formatBytes } from '~/format-bytes'
import type { DownloadAction, DownloadView } from '../../../contract'
import { visibleName } from '../../files/visible-name'
import { folderHref } from '../../use-location'
import { Reason } from '../reason'
import { SafeLink } from '../safe-link'
import { STATES } from '../states'
import { describeProgress, describeResult } from './describe'
import { RowActions } from './row-actions'

interface QueueRowProps {
  download: DownloadView
  onAct: (action: DownloadAction, ids: string[]) => void
}

const hostOf = (source: string) => (URL.canParse(source) ? new URL(source).host : source)

/** A download: what it is, how far it has come or how it ended, and what can be done with it. */
export const QueueRow = memo(function QueueRow({ download, onAct }: QueueRowProps) {
  const { id, name, state, folder, source, received, size, error, notices, waitUntil, sha256 } = download
  const { label, tone, group } = STATES[state]
  const shown = visibleName(name)
  const isPartial = group === 'Running' || (received > 0 && state !== 'done' && state !== 'canceled')
  return (
    <li data-download={id} className="space-y-1.5 px-4 py-3">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-3 gap-y-1 sm:grid-cols-[minmax(0,1fr)_auto_auto]">
        <p className="font-medium wrap-anywhere">{shown}</p>
        <span className="max-sm:order-last max-sm:col-span-full">
          <Badge tone={tone}>{label}</Badge>
        </span>
        <RowActions download={download} onAct={onAct} />
      </div>
      {isPartial && <ProgressBar label={`Progress of ${shown}`} value={size ? received / size : undefined} />}
      <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-muted tabular-nums">
        {isPartial && <span>{describeProgress(download)}</span>}
        {!isPartial && size !== null && <span>{formatBytes(size)}</span>}
        {state === 'done' && <span title={sha256 ?? undefined}>{describeResult(download)}</span>}
        {state === 'waiting' && waitUntil && (
          <span>
            Goes on by itself <RelativeTime at={waitUntil} />
          </span>
        )}
        {folder !== null && (
          <span className="min-w-0 wrap-anywhere">
            {state === 'done' ? 'in' : 'to'}{' '}
            <a className="text-accent underline" href={folderHref(folder)}>
              {folder || 'the top folder'}
            </a>
          </span>
        )}
        <span className="min-w-0">
          from <SafeLink href={source}>{hostOf(source)}</SafeLink>
        </span>
        {download.finishedAt && <RelativeTime at={download.finishedAt} />}
      </p>
      {notices.map((notice) => (
        <p key={notice} className="flex gap-1.5 text-xs text-muted">
          <Info aria-hidden className="mt-px size-4 shrink-0" />
          <span className="min-w-0 wrap-anywhere">{notice}</span>
        </p>
      ))}
      {error && <Reason fault={error} tone={state === 'waiting' ? 'warning' : 'danger'} />}
    </li>
  )
})
