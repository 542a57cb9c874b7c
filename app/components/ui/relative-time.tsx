import { useEffect, useState } from 'react'

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const
const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** "3 minutes ago"; under a minute is "just now". Both times in milliseconds since the epoch. */
function relativeTime(time: number, now: number): string {
  const seconds = (time - now) / 1000
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit)
  return 'just now'
}

const exact = (date: Date) => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`

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
    <time dateTime={at} title={exact(date)} className="whitespace-nowrap">
      {now === undefined ? exact(date) : relativeTime(date.getTime(), now)}
    </time>
  )
}
