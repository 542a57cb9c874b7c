import { useMemo, useState } from 'react'
import { Button } from '~/app/components/ui/button'
import { Input } from '~/app/components/ui/field'
import { useBounded } from '../show-more'
import { type Choice, canBeChosen, type Planned } from './planned'
import { PlannedRow } from './planned-row'

const FILTER_FROM = 8

export interface PlannedListProps {
  /** Heading, where a plan has several lists. */
  title?: string
  planned: Planned[]
  problems: Map<string, string>
  /** What was said of the whole already. */
  said?: string
  folders: string[]
  onChange: (key: string, part: Partial<Choice>) => void
  onChangeAll: (keys: string[], part: Partial<Choice>) => void
}

/** The files of a plan, of which a person may have meant some. */
export function PlannedList({
  title,
  planned,
  onChangeAll,
  problems,
  said,
  folders,
  onChange,
}: PlannedListProps) {
  const [filter, setFilter] = useState('')
  const matching = useMemo(() => filterByText(planned, filter), [planned, filter])
  const { shown, more } = useBounded(matching, 'files')
  const selectable = matching.filter(canBeChosen)
  const chosen = planned.filter((each) => each.chosen).length
  const choose = (isChosen: boolean) =>
    onChangeAll(
      selectable.map(({ key }) => key),
      { chosen: isChosen },
    )
  const isLong = planned.length >= FILTER_FROM
  return (
    <div>
      {(title || planned.length > 1) && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t bg-sunken/50 px-4 py-2">
          <p className="min-w-0 flex-1 text-xs text-muted">
            {title && <span className="font-medium text-text">{title} · </span>}
            {selectable.length > 0 ? `${chosen} of ${planned.length} chosen` : planned.length}
          </p>
          {isLong && (
            <Input
              aria-label="Filter the files"
              placeholder="Filter"
              type="search"
              className="h-8! w-40!"
              value={filter}
              onChange={({ target }) => setFilter(target.value)}
            />
          )}
          {selectable.length > 1 && (
            <>
              <Button size="sm" variant="ghost" onClick={() => choose(true)}>
                Select all
              </Button>
              <Button size="sm" variant="ghost" onClick={() => choose(false)}>
                Select none
              </Button>
            </>
          )}
        </div>
      )}
      <ul aria-label={title ?? 'Files'} className="divide-y border-t">
        {shown.map((each) => (
          <PlannedRow
            key={each.key}
            planned={each}
            problem={problems.get(each.key)}
            isNamed={title !== undefined}
            said={said}
            folders={folders}
            onChange={onChange}
          />
        ))}
      </ul>
      {matching.length === 0 && <p className="px-4 pb-3 text-muted">No file matches “{filter}”.</p>}
      {more}
    </div>
  )
}

function filterByText(planned: Planned[], filter: string): Planned[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return planned
  return planned.filter(({ file }) => {
    const text = `${file.name} ${file.detail ?? ''} ${file.folder}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
