import { Pause, Play, X } from 'lucide-react'
import { Button, IconButton } from '~/app/components/ui/button'
import { ProgressBar } from '~/app/components/ui/progress'
import { formatBytes } from '~/format-bytes'
import { visibleName } from '../files/visible-name'
import type { UploadItem } from './upload-queue'
import { uploads } from './uploads'

/** One file on its way. */
export function UploadRow({ item }: { item: UploadItem }) {
  const { id, state, parcel, sent, message } = item
  const name = visibleName(parcel.name)
  return (
    <li className="space-y-1.5 px-3.5 py-2">
      <div className="flex items-center gap-1.5">
        <p className="min-w-0 flex-1">
          <span className="block truncate" title={name}>
            {name}
          </span>
          <span className="block truncate text-xs text-muted tabular-nums">{describe(item)}</span>
        </p>
        {(state === 'sending' || state === 'lost') && (
          <IconButton size="sm" label={`Pause ${name}`} onClick={() => uploads.pause(id)}>
            <Pause aria-hidden />
          </IconButton>
        )}
        {state === 'paused' && (
          <IconButton size="sm" label={`Go on with ${name}`} onClick={() => uploads.resume(id)}>
            <Play aria-hidden />
          </IconButton>
        )}
        {state === 'failed' && (
          <Button size="sm" aria-label={`Try ${name} again`} onClick={() => uploads.resume(id)}>
            Try again
          </Button>
        )}
        <IconButton
          size="sm"
          label={state === 'done' ? `Take ${name} off the list` : `Cancel the upload of ${name}`}
          onClick={() => uploads.remove(id)}
        >
          <X aria-hidden />
        </IconButton>
      </div>
      {['sending', 'lost', 'paused'].includes(state) && (
        <ProgressBar label={`Upload of ${name}`} value={parcel.file.size ? sent / parcel.file.size : 1} />
      )}
      {state === 'exists' && (
        <fieldset aria-label={`${name} is already there`} className="flex flex-wrap gap-1.5">
          <Button size="sm" onClick={() => uploads.settle(id, 'replace')}>
            Replace
          </Button>
          <Button size="sm" onClick={() => uploads.settle(id, 'keep-both')}>
            Keep both
          </Button>
          <Button size="sm" onClick={() => uploads.settle(id, 'skip')}>
            Skip
          </Button>
        </fieldset>
      )}
      {state === 'failed' && (
        <p role="alert" className="text-xs text-danger wrap-anywhere">
          {message}
        </p>
      )}
    </li>
  )
}

function describe({ state, sent, message, parcel: { file, folder } }: UploadItem): string {
  const amount = `${formatBytes(sent)} of ${formatBytes(file.size)}`
  const place = folder === '' ? 'the top folder' : visibleName(folder)
  switch (state) {
    case 'waiting':
      return `Waiting · to ${place}`
    case 'sending':
      return `${amount} · to ${place}`
    case 'lost':
      return `${message ?? `${amount} · connection lost,`} trying again…`
    case 'paused':
      return `${amount} · paused`
    case 'exists':
      return `Already in ${place}`
    case 'failed':
      return `Not uploaded to ${place}`
    case 'done':
      return `${formatBytes(file.size)} · in ${place}`
  }
}
