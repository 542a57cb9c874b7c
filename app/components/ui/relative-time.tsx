import { useEffect, useState } from 'react'
import { exactTime, relativeTime } from '../../../relative-time'

/**
 * A moment (ISO string). Server and first client render show the exact UTC time, which needs no clock and so
 * cannot differ; in the browser it then turns into words that keep up with time.
 */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState<number>()
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  const date = new Date(at)
  return (
    <time dateTime={at} title={exactTime(date)} className="whitespace-nowrap">
      {now === undefined ? exactTime(date) : relativeTime(date.getTime(), now)}
    </time>
  )
}
