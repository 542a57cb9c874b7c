import { RelativeTime } from './ui/relative-time'

/** What happened when, the latest first. */
export function Timeline({ events }: { events: { id: number; at: string; text: string }[] }) {
  return (
    <ol className="flex flex-col gap-2.5">
      {[...events].reverse().map((event) => (
        <li key={event.id} className="flex flex-wrap justify-between gap-x-4 border-l-2 pl-3">
          <span className="wrap-anywhere">{event.text}</span>
          <span className="text-xs text-muted">
            <RelativeTime at={event.at} />
          </span>
        </li>
      ))}
    </ol>
  )
}
