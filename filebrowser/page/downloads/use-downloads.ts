import { useEffect, useState } from 'react'
import type { DownloadEvent, DownloadView } from '../../contract'

const AGAIN_AFTER_MS = 3000

export interface LiveDownloads {
  /** As the server orders them; empty until it has answered. */
  downloads: DownloadView[]
  /** False until the server has said what there is. */
  isKnown: boolean
  isConnected: boolean
}

/** The live list of downloads. A lost connection keeps what is shown, and is made again by itself. */
export function useDownloads(): LiveDownloads {
  const [known, setKnown] = useState<DownloadView[]>()
  const [isConnected, setConnected] = useState(true)

  useEffect(() => {
    let source: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined

    function connect() {
      clearTimeout(timer)
      source?.close()
      source = new EventSource('api/downloads/events')
      source.onopen = () => setConnected(true)
      source.onmessage = ({ data }) => {
        const event: DownloadEvent = JSON.parse(data)
        setKnown((downloads = []) => applyEvent(downloads, event))
      }
      source.onerror = () => {
        setConnected(false)
        // The browser itself comes back after a cut, but not once something else has answered for the machine.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, AGAIN_AFTER_MS)
      }
    }
    const onOnline = () => source?.readyState !== EventSource.OPEN && connect()

    connect()
    addEventListener('online', onOnline)
    return () => {
      removeEventListener('online', onOnline)
      clearTimeout(timer)
      source?.close()
    }
  }, [])

  return { downloads: known ?? [], isKnown: known !== undefined, isConnected }
}

/** What an event makes of the list; downloads that it doesn't name stay the same objects, so that rows can tell. */
export function applyEvent(downloads: DownloadView[], event: DownloadEvent): DownloadView[] {
  if (event.type === 'all') return event.downloads
  if (event.type === 'removed') {
    const gone = new Set(event.ids)
    return downloads.filter(({ id }) => !gone.has(id))
  }
  const changed = new Map(event.downloads.map((download) => [download.id, download]))
  const kept = downloads.map((download) => {
    const next = changed.get(download.id)
    changed.delete(download.id)
    return next ?? download
  })
  return [...kept, ...changed.values()]
}
