import { useEffect, useState } from 'react'
import type { DownloadView } from '../contract'

/** The live list of downloads; the browser reconnects by itself. */
export function useDownloads() {
  const [downloads, setDownloads] = useState<DownloadView[]>([])
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    const source = new EventSource('api/downloads/events')
    source.onopen = () => setConnected(true)
    source.onerror = () => setConnected(false)
    source.onmessage = ({ data }) => setDownloads(JSON.parse(data))
    return () => source.close()
  }, [])
  return { downloads, connected }
}
