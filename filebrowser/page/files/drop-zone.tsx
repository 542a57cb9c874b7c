import { Upload } from 'lucide-react'
import { type DragEvent, type ReactNode, useState } from 'react'
import { type Dropped, readDropped } from '../uploads/dropped'
import { visibleName } from './visible-name'

interface DropZoneProps {
  path: string
  onDropped: (dropped: Dropped) => void
  onFault: (message: string) => void
  children: ReactNode
}

/** Takes files and folders that are dragged in from elsewhere, and says where they will go. */
export function DropZone({ path, onDropped, onFault, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false)
  function onDrop(event: DragEvent) {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(false)
    readDropped(event.dataTransfer.items, path).then(onDropped, () =>
      onFault('Your browser couldn’t read what was dropped. Try the Upload button.'),
    )
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging has a button beside it that does the same
    <div
      className="relative"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={onDrop}
    >
      {children}
      {isOver && (
        <div className="pointer-events-none absolute inset-0 z-20 rounded-lg bg-accent-soft/70 outline-2 -outline-offset-2 outline-accent outline-dashed">
          <p className="sticky top-1/3 mx-auto flex w-fit max-w-[90%] items-center gap-2 rounded-md border bg-surface px-4 py-2.5 font-medium shadow-lg">
            <Upload aria-hidden className="size-4 shrink-0 text-accent" />
            <span className="min-w-0 wrap-anywhere">
              Drop to upload to {path === '' ? 'the top folder' : visibleName(path)}
            </span>
          </p>
        </div>
      )}
    </div>
  )
}
