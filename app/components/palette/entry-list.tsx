import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { MachineStatus } from '../machine-status'
import { Alert } from '../ui/alert'
import { Button } from '../ui/button'
import { Keys } from '../ui/keys'
import { Spinner } from '../ui/progress'
import type { Entry } from './entries'
import { recent } from './kept'
import { rank, unsought } from './rank'

interface EntryListProps {
  entries: Entry[]
  search: string
  onSearch: (search: string) => void
  onChoose: (entry: Entry) => void
  isLoading: boolean
  fault: string | undefined
  retry: () => void
}

/** What is typed, and what it finds; before anything is typed, recent choices and what most people want. */
export function EntryList({ entries, search, onSearch, onChoose, isLoading, fault, retry }: EntryListProps) {
  const groups = search.trim() ? rank(entries, search.trim(), recent.get()) : unsought(entries, recent.get())
  const [chosen, setChosen] = useState('')
  // What is loaded stands above what was there at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: later on the first is chosen by whoever types
  useEffect(() => setChosen(groups[0]?.entries[0]?.id ?? ''), [isLoading])
  return (
    <Command
      label="Search or jump to…"
      shouldFilter={false}
      vimBindings={false}
      loop
      value={chosen}
      onValueChange={setChosen}
    >
      <div className="flex items-center gap-2.5 border-b px-4">
        <Search aria-hidden className="size-4 shrink-0 text-muted" />
        <Command.Input
          value={search}
          onValueChange={onSearch}
          placeholder="A page, a machine, or what you want to do"
          maxLength={200}
          // The focus is seen by the caret: it never leaves the field.
          className="h-12 w-full min-w-0 bg-transparent text-base outline-none placeholder:text-muted sm:text-sm"
        />
        {isLoading && <Spinner />}
      </div>
      {fault && (
        <Alert
          tone="warning"
          title="Some things are missing here"
          className="m-2"
          actions={
            <Button size="sm" onClick={retry}>
              Try again
            </Button>
          }
        >
          {fault}
        </Alert>
      )}
      <Command.List
        label="What was found"
        className="max-h-[min(26rem,calc(100dvh-9rem))] scroll-py-2 overflow-y-auto overscroll-contain p-2"
      >
        <Command.Empty className="px-3 py-8 text-center text-muted">
          {isLoading
            ? 'Looking…'
            : `Nothing is called “${search.trim()}”. Try a page, a machine, or “launch”.`}
        </Command.Empty>
        {groups.map(({ name, entries }) => (
          <Command.Group key={name} heading={name} className={GROUP}>
            {entries.map((entry) => (
              <Choice key={entry.id} entry={entry} onChoose={onChoose} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
      <p className="hidden gap-4 border-t px-4 py-2 text-xs text-muted sm:flex">
        <span>
          <Keys keys={['↑', '↓']} /> move
        </span>
        <span>
          <Keys keys={['↵']} /> choose
        </span>
        <span>
          <Keys keys={['Esc']} /> close
        </span>
      </p>
    </Command>
  )
}

const GROUP =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 ' +
  '[&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted'

function Choice({ entry, onChoose }: { entry: Entry; onChoose: (entry: Entry) => void }) {
  const { id, title, status, note, keys } = entry
  return (
    <Command.Item
      value={id}
      onSelect={() => onChoose(entry)}
      className="flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-3 py-1.5 text-sm data-[selected=true]:bg-accent-soft"
    >
      <span className="min-w-0 flex-1 truncate">{title}</span>
      {note && <span className="min-w-0 shrink truncate text-xs text-muted">{note}</span>}
      {status && <MachineStatus status={status} />}
      {keys && <Keys keys={keys} className="hidden! sm:inline-flex!" />}
    </Command.Item>
  )
}
