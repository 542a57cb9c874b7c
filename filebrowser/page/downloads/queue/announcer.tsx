import { useEffect, useRef, useState } from 'react'
import type { DownloadState, DownloadView } from '../../../contract'
import type { LiveDownloads } from '../use-downloads'
import { milestones } from './milestones'

const statesOf = (downloads: DownloadView[]) =>
  new Map<string, DownloadState>(downloads.map(({ id, state }) => [id, state]))

/** Tells a screen reader how the downloads go; what was so when the page was opened is no news. */
export function Announcer({ live: { downloads, isKnown } }: { live: LiveDownloads }) {
  const [said, setSaid] = useState('')
  const before = useRef<Map<string, DownloadState>>()
  useEffect(() => {
    if (!isKnown) return
    const news = before.current && milestones(before.current, downloads)
    before.current = statesOf(downloads)
    if (news) setSaid(news)
  }, [downloads, isKnown])
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  )
}
