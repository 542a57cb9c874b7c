import { ExternalLink, X } from 'lucide-react'
import { Alert } from '~/app/components/ui/alert'
import { Badge, type Tone } from '~/app/components/ui/badge'
import { IconButton } from '~/app/components/ui/button'
import { ProgressBar } from '~/app/components/ui/progress'
import { formatBytes } from '~/format-bytes'
import type { DownloadState, DownloadView } from '../contract'
import { api } from './api'
import { formatTimeLeft } from './format'
import { folderHref } from './use-location'

const STATES: Record<DownloadState, [Tone, string]> = {
  queued: ['neutral', 'Queued'],
  checking: ['neutral', 'Checking'],
  verifying: ['neutral', 'Checking what is here'],
  downloading: ['accent', 'Downloading'],
  waiting: ['neutral', 'Waiting'],
  paused: ['neutral', 'Paused'],
  done: ['success', 'Done'],
  failed: ['danger', 'Failed'],
  canceled: ['neutral', 'Canceled'],
}

export function DownloadRow({ download }: { download: DownloadView }) {
  const { id, name, state, folder, finishedAt, error, received, size } = download
  const [tone, label] = STATES[state]
  const action = finishedAt ? `Remove ${name} from the list` : `Cancel ${name}`
  return (
    <li className="space-y-2 px-4 py-3">
      <div className="flex items-start gap-2">
        <p className="min-w-0 flex-1 pt-1 font-medium wrap-anywhere">{name}</p>
        <span className="pt-1">
          <Badge tone={tone}>{label}</Badge>
        </span>
        {/* The live list tells how it went. */}
        <IconButton label={action} size="sm" onClick={() => void api.cancelDownload(id).catch(() => {})}>
          <X aria-hidden />
        </IconButton>
      </div>
      {!finishedAt && (
        <ProgressBar label={`Progress of ${name}`} value={size ? received / size : undefined} />
      )}
      {state === 'downloading' && (
        <p className="text-xs text-muted tabular-nums">{describeProgress(download)}</p>
      )}
      {state === 'done' && (
        <p className="text-xs text-muted">
          {formatBytes(received)} in{' '}
          <a className="text-accent underline" href={folderHref(folder ?? '')}>
            {folder || 'the top folder'}
          </a>
          {download.verified === 'sha256' ? ', SHA-256 verified' : ', size checked'}
        </p>
      )}
      {error && (
        <Alert tone="danger">
          {error.message}
          {error.link && (
            <a
              className="mt-1 flex w-fit items-center gap-1 text-accent underline"
              href={error.link.href}
              target="_blank"
              rel="noreferrer"
            >
              {error.link.label}
              <ExternalLink aria-hidden className="size-3.5" />
            </a>
          )}
        </Alert>
      )}
    </li>
  )
}

function describeProgress({ received, size, bytesPerSecond }: DownloadView): string {
  const amount = size ? `${formatBytes(received)} of ${formatBytes(size)}` : formatBytes(received)
  const speed = bytesPerSecond ? ` · ${formatBytes(bytesPerSecond)}/s` : ''
  const left = bytesPerSecond && size ? ` · ${formatTimeLeft((size - received) / bytesPerSecond)}` : ''
  return amount + speed + left
}
