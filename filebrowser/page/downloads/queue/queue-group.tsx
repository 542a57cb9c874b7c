import { useId } from 'react'
import type { DownloadAction, DownloadView } from '../../../contract'
import { useBounded } from '../show-more'
import { QueueRow } from './queue-row'

interface QueueGroupProps {
  title: string
  downloads: DownloadView[]
  onAct: (action: DownloadAction, ids: string[]) => void
}

/** Downloads that are at the same point. */
export function QueueGroup({ title, downloads, onAct }: QueueGroupProps) {
  const id = useId()
  const { shown, more } = useBounded(downloads, 'downloads')
  if (downloads.length === 0) return null
  return (
    <>
      <h3 id={id} className="border-b bg-sunken/50 px-4 py-2 text-xs font-medium not-first:border-t">
        {title} <span className="font-normal text-muted tabular-nums">{downloads.length}</span>
      </h3>
      <ul aria-labelledby={id} className="divide-y">
        {shown.map((download) => (
          <QueueRow key={download.id} download={download} onAct={onAct} />
        ))}
      </ul>
      {more}
    </>
  )
}
