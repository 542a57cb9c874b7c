import { useEffect, useState } from 'react'
import { exactTime, relativeTime } from '../../../relative-time'

interface RelativeTimeProps {
  /** ISO string. */
  at: string
  /** Rows of long lists take it out of the order of Tab, so that what can be done there is near. */
  tabIndex?: number
  /** Whether it is when something is due: then it isn't "3 minutes ago" while that is on its way, but "now". */
  isDue?: boolean
}

/**
 * A moment in words that keep up with time; the exact one is its tooltip. Server and first client render show the
 * exact UTC time, which needs no clock and so cannot differ.
 */
export function RelativeTime({ at, tabIndex = 0, isDue = false }: RelativeTimeProps) {
  const [now, setNow] = useState<number>()
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  const date = new Date(at)
  const exact = exactTime(date)
  // Until the words have come there is nothing more to tell.
  const told = now !== undefined && { title: exact, tabIndex }
  return (
    <time dateTime={at} {...told} className="rounded-sm whitespace-nowrap">
      {now === undefined ? exact : words(date.getTime(), now, isDue)}
    </time>
  )
}

function words(time: number, now: number, isDue: boolean): string {
  if (!isDue) return relativeTime(time, now)
  if (time <= now) return 'now'
  return time < now + 60_000 ? 'in under a minute' : relativeTime(time, now)
}
