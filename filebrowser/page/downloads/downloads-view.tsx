import clsx from 'clsx'
import { type DragEvent, useEffect, useState } from 'react'
import type { SessionView } from '../../contract'
import { AddModels, type Brought } from './add/add-models'
import { Announcer } from './queue/announcer'
import { Queue } from './queue/queue'
import type { LiveDownloads } from './use-downloads'

interface DownloadsViewProps {
  live: LiveDownloads
  session?: SessionView
  isShown: boolean
}

const NO_FOLDERS: string[] = []

/** Adding models and watching them come; workflows and addresses may be dropped or pasted anywhere on it. */
export function DownloadsView({ live, session, isShown }: DownloadsViewProps) {
  const [isOver, setOver] = useState(false)
  const [brought, setBrought] = useState<Brought>()

  useEffect(() => {
    if (!isShown) return
    const onPaste = ({ target, clipboardData }: ClipboardEvent) => {
      const text = clipboardData?.getData('text/plain').trim()
      const isTyping = target instanceof HTMLElement && target.closest('input, textarea, select')
      if (text && !isTyping) setBrought({ text })
    }
    document.addEventListener('paste', onPaste)
    return () => document.removeEventListener('paste', onPaste)
  }, [isShown])

  function onDrop(event: DragEvent) {
    setOver(false)
    // A field takes what is dropped into it by itself.
    if (event.defaultPrevented || isText(event)) return
    event.preventDefault()
    const { files } = event.dataTransfer
    const text = event.dataTransfer.getData('text/plain').trim()
    if (files.length > 0) setBrought({ files: [...files] })
    else if (text) setBrought({ text })
  }

  return (
    <section
      aria-label="Downloads"
      className={clsx(
        'grid min-h-[70vh] content-start gap-5 rounded-lg *:min-w-0',
        isOver && 'outline-2 outline-offset-4 outline-accent outline-dashed',
      )}
      onDragOver={(event) => {
        if (isText(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={onDrop}
    >
      <AddModels
        downloads={live.downloads}
        modelFolders={session?.modelFolders ?? NO_FOLDERS}
        brought={brought}
      />
      <Queue live={live} />
      <Announcer live={live} />
    </section>
  )
}

/** Whether text is dragged over a field. */
const isText = ({ dataTransfer, target }: DragEvent) =>
  !dataTransfer.types.includes('Files') && target instanceof HTMLTextAreaElement
