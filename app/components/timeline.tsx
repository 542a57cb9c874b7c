import { inWords } from '../../duration'
import { exactTime } from '../../relative-time'
import { RelativeTime } from './ui/relative-time'

interface Event {
  id: number
  at: string
  text: string
}

/** Steps that follow each other this closely are told by how long they took. */
const STEP_MS_MAX = 10 * 60_000

const SHOWN_MS_MIN = 50

/** What happened when, the latest first. */
export function Timeline({ events }: { events: Event[] }) {
  return (
    <ol className="flex flex-col gap-2.5">
      {events
        .map((event, index) => (
          <li key={event.id} className="flex items-baseline justify-between gap-x-4 border-l-2 pl-3">
            <span className="min-w-0 wrap-anywhere">{event.text}</span>
            <span className="shrink-0 text-xs text-muted tabular-nums">
              <When event={event} before={events[index - 1]} />
            </span>
          </li>
        ))
        .reverse()}
    </ol>
  )
}

function When({ event, before }: { event: Event; before: Event | undefined }) {
  const elapsed = before ? Date.parse(event.at) - Date.parse(before.at) : STEP_MS_MAX
  if (elapsed >= STEP_MS_MAX) return <RelativeTime at={event.at} />
  return (
    <time dateTime={event.at} title={exactTime(new Date(event.at))}>
      {elapsed < SHOWN_MS_MIN ? 'at once' : `after ${inWords(elapsed)}`}
    </time>
  )
}
