import { X } from 'lucide-react'
import { Button, IconButton } from '~/app/components/ui/button'
import { ProgressBar } from '~/app/components/ui/progress'
import { formatBytes } from '~/format-bytes'
import type { Upload } from './use-uploads'

interface UploadListProps {
  uploads: Upload[]
  onRetry: (id: number, overwrite: boolean) => void
  onCancel: (id: number) => void
}

export function UploadList({ uploads, onRetry, onCancel }: UploadListProps) {
  if (uploads.length === 0) return null
  return (
    <ul aria-label="Uploads" className="divide-y border-b">
      {uploads.map((upload) => (
        <li key={upload.id} className="space-y-1.5 px-4 py-2.5">
          <div className="flex items-center gap-2">
            <p className="min-w-0 flex-1 wrap-anywhere">
              {upload.file.name} <span className="text-xs text-muted tabular-nums">{describe(upload)}</span>
            </p>
            {upload.state === 'exists' && (
              <Button size="sm" variant="danger" onClick={() => onRetry(upload.id, true)}>
                Replace
              </Button>
            )}
            {upload.state === 'failed' && (
              <Button size="sm" onClick={() => onRetry(upload.id, upload.overwrite)}>
                Try again
              </Button>
            )}
            <IconButton
              size="sm"
              label={`Cancel upload of ${upload.file.name}`}
              onClick={() => onCancel(upload.id)}
            >
              <X aria-hidden />
            </IconButton>
          </div>
          {upload.state === 'sending' && (
            <ProgressBar
              label={`Upload of ${upload.file.name}`}
              value={upload.sent / (upload.file.size || 1)}
            />
          )}
          {upload.state === 'exists' && (
            <p role="alert" className="text-warning">
              A file of that name is already in this folder.
            </p>
          )}
          {upload.state === 'failed' && (
            <p role="alert" className="text-danger">
              {upload.message}
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

function describe({ state, sent, file }: Upload): string {
  if (state === 'waiting') return 'waiting'
  return state === 'sending' ? `${formatBytes(sent)} of ${formatBytes(file.size)}` : formatBytes(file.size)
}
