import { ChevronLeft, ChevronRight, Download } from 'lucide-react'
import { type KeyboardEvent, useEffect } from 'react'
import { Alert } from '~/app/components/ui/alert'
import { buttonClasses, IconButton } from '~/app/components/ui/button'
import { Dialog } from '~/app/components/ui/dialog'
import { Spinner } from '~/app/components/ui/progress'
import { formatBytes } from '~/format-bytes'
import { downloadHref, type Entry } from './files-api'
import { PreviewContent } from './preview-content'
import { usePreview } from './use-preview'
import { visibleName } from './visible-name'

interface PreviewDialogProps {
  entry: Entry
  /** To the next file of the list, or the one before; does nothing at its ends. */
  onStep: (by: 1 | -1) => void
  onClose: () => void
  returnFocus: () => void
}

const STEPS: Record<string, 1 | -1> = { ArrowLeft: -1, ArrowRight: 1 }

/** Shows what a file holds; the arrow keys go on to its neighbours. */
export function PreviewDialog({ entry, onStep, onClose, returnFocus }: PreviewDialogProps) {
  const { view, error } = usePreview(entry.path)
  const name = visibleName(entry.name)

  // On the document, since the focus may be on what was just taken away.
  useEffect(() => {
    const onKeyDown = (event: Pick<KeyboardEvent, 'key' | 'altKey' | 'target' | 'preventDefault'>) => {
      const by = STEPS[event.key]
      if (!by || event.altKey || (event.target as Element).closest('video, audio')) return
      event.preventDefault()
      onStep(by)
    }
    const listener = onKeyDown as unknown as EventListener
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [onStep])

  return (
    <Dialog
      title={name}
      onClose={onClose}
      width="lg"
      returnFocus={returnFocus}
      footer={
        <>
          <span className="mr-auto text-muted tabular-nums">{formatBytes(entry.size ?? 0)}</span>
          <IconButton label="File before" onClick={() => onStep(-1)}>
            <ChevronLeft aria-hidden />
          </IconButton>
          <IconButton label="Next file" onClick={() => onStep(1)}>
            <ChevronRight aria-hidden />
          </IconButton>
          <a href={downloadHref([entry])} download={entry.name} className={buttonClasses()}>
            <Download aria-hidden />
            Download
          </a>
        </>
      }
    >
      <div className="flex min-h-48 flex-col justify-center">
        {error && (
          <div className="p-4">
            <Alert tone="danger">{error.message}</Alert>
          </div>
        )}
        {!view && !error && (
          <p className="flex justify-center text-muted">
            <Spinner label={`Loading ${name}`} />
          </p>
        )}
        {view && <PreviewContent key={entry.path} entry={entry} view={view} />}
      </div>
    </Dialog>
  )
}
