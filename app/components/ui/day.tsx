import { exactTime } from '../../../relative-time'

/** The day of a moment (ISO string) in UTC, for what is planned by the calendar. */
export function Day({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactTime(new Date(at))} className="whitespace-nowrap">
      {at.slice(0, 10)}
    </time>
  )
}
