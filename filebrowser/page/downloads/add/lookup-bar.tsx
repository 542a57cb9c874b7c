import { FileJson, Search } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '~/app/components/ui/button'
import { Spinner } from '~/app/components/ui/progress'

interface LookupBarProps {
  canLookUp: boolean
  /** Whether looking up is what comes next. */
  isPrimary: boolean
  /** How many are still being asked, of how many. */
  asking: number
  of: number
  onLookUp: () => void
  onFiles: (files: File[]) => void
  onCancel: () => void
}

/** Begins the looking up, says that it goes on, and ends it. */
export function LookupBar(props: LookupBarProps) {
  const { canLookUp, isPrimary, asking, of, onLookUp, onFiles, onCancel } = props
  const picker = useRef<HTMLInputElement>(null)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button variant={isPrimary ? 'primary' : 'secondary'} onClick={onLookUp} disabled={!canLookUp}>
        <Search aria-hidden />
        Look up
      </Button>
      <Button onClick={() => picker.current?.click()}>
        <FileJson aria-hidden />
        Choose a workflow file
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept=".json,.png,application/json,image/png"
        aria-label="Workflow files"
        onChange={({ target }) => {
          if (target.files?.length) onFiles([...target.files])
          target.value = ''
        }}
      />
      {asking > 0 && (
        <p className="flex min-w-0 items-center gap-2 text-muted">
          <Spinner />
          {of > 1 ? `Looking up ${asking} of ${of}…` : 'Looking it up…'}
          <Button size="sm" variant="ghost" onClick={onCancel}>
            Cancel
          </Button>
        </p>
      )}
    </div>
  )
}
