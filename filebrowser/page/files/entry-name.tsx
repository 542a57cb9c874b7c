import { visibleName } from './visible-name'

const LONG = 28
const TAIL = 14

/** A name on one line. Of a long one the middle is left out: models differ at their end. */
export function EntryName({ name }: { name: string }) {
  const shown = visibleName(name)
  const letters = [...shown]
  if (letters.length <= LONG) return <span className="truncate">{shown}</span>
  return (
    <>
      <span className="sr-only">{shown}</span>
      <span aria-hidden className="min-w-0 truncate whitespace-pre">
        {letters.slice(0, -TAIL).join('')}
      </span>
      <span aria-hidden className="shrink-0 whitespace-pre">
        {letters.slice(-TAIL).join('')}
      </span>
    </>
  )
}
