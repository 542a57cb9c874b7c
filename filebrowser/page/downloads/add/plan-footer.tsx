import { ArrowDownToLine } from 'lucide-react'
import { useId } from 'react'
import { Button } from '~/app/components/ui/button'
import { Spinner } from '~/app/components/ui/progress'
import { formatBytes } from '~/format-bytes'
import type { Start } from './start'

interface PlanFooterProps {
  start: Start
  isBusy: boolean
  onStart: () => void
  onClose: () => void
}

/** What will be done, whether it fits, and the button that does it. */
export function PlanFooter({ start, isBusy, onStart, onClose }: PlanFooterProps) {
  const id = useId()
  const { count, size, isExact, free, obstacle } = start
  const amount = size > 0 ? ` · ${isExact ? '' : 'at least '}${formatBytes(size)}` : ''
  return (
    <div className="sticky bottom-0 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-b-lg border-t bg-surface px-4 py-3">
      <Button
        variant="primary"
        disabled={obstacle !== undefined || isBusy}
        aria-describedby={id}
        onClick={onStart}
      >
        {isBusy ? <Spinner /> : <ArrowDownToLine aria-hidden />}
        {count === 0 ? 'Download' : `Download ${count === 1 ? '1 file' : `${count} files`}${amount}`}
      </Button>
      <p id={id} className="min-w-0 flex-1 basis-52">
        {obstacle && <span className={count > 0 ? 'text-danger' : 'text-muted'}>{obstacle} </span>}
        <span className="text-muted">{formatBytes(free)} free here.</span>
      </p>
      <Button onClick={onClose}>Close</Button>
    </div>
  )
}
