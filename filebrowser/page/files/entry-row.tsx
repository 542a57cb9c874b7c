// biome-ignore-all lint/a11y/useSemanticElements: a table can’t leave out the rows that are not in sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows and what is in them, not on cells
import clsx from 'clsx'
import { EllipsisVertical, File, Folder, Link2Off } from 'lucide-react'
import type { MouseEvent } from 'react'
import { Menu, type MenuItem } from '~/app/components/ui/menu'
import { RelativeTime } from '~/app/components/ui/relative-time'
import { formatBytes } from '~/format-bytes'
import { folderHref } from '../use-location'
import { EntryName } from './entry-name'
import type { Entry } from './files-api'
import { visibleName } from './visible-name'

/** Shared with the head of the list. */
export const COLUMNS =
  'grid items-center grid-cols-[2.75rem_minmax(0,1fr)_2.75rem] sm:grid-cols-[2.75rem_minmax(0,1fr)_6rem_2.75rem] ' +
  'md:grid-cols-[2.75rem_minmax(0,1fr)_6rem_10rem_2.75rem]'

const ICONS = { file: File, folder: Folder, link: Link2Off }

interface EntryRowProps {
  /** Undefined while it is on its way: the row holds its place, and the focus. */
  entry: Entry | undefined
  index: number
  isSelected: boolean
  /** Whether the keyboard is here; the others are out of the order of Tab. */
  isActive: boolean
  /** Where it is, when the list is not of one folder. */
  isPlaceShown: boolean
  style: { top: number; height: number }
  menu: (entry: Entry) => MenuItem[][]
  onOpen: (index: number) => void
  onSelect: (index: number, event: Pick<MouseEvent, 'shiftKey'>, how: 'only' | 'toggle') => void
}

export function EntryRow(props: EntryRowProps) {
  const { entry, index, isSelected, isActive, style, onOpen, onSelect } = props
  const isElsewhere = ({ target }: MouseEvent) => (target as Element).closest('a, button, input') === null
  function onClick(event: MouseEvent) {
    if (isElsewhere(event)) onSelect(index, event, event.ctrlKey || event.metaKey ? 'toggle' : 'only')
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid listens to the keys of all rows
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-index={index}
      tabIndex={isActive ? 0 : -1}
      style={style}
      onClick={onClick}
      onDoubleClick={(event) => isElsewhere(event) && onOpen(index)}
      className={clsx(
        COLUMNS,
        'absolute inset-x-0 border-b select-none focus-visible:-outline-offset-2',
        isSelected ? 'bg-accent-soft' : 'hover:bg-canvas',
      )}
    >
      {entry ? (
        <Cells {...props} entry={entry} />
      ) : (
        <span role="gridcell" className="col-start-2 h-3 w-2/5 rounded-sm bg-sunken">
          <span className="sr-only">Loading</span>
        </span>
      )}
    </div>
  )
}

function Cells({
  entry,
  index,
  isSelected,
  isActive,
  isPlaceShown,
  menu,
  onOpen,
  onSelect,
}: EntryRowProps & { entry: Entry }) {
  const { name, kind, size, modifiedAt } = entry
  const tabIndex = isActive ? 0 : -1
  const shown = visibleName(name)
  return (
    <>
      <span role="gridcell" className="flex justify-center">
        <input
          type="checkbox"
          aria-label={`Select ${shown}`}
          tabIndex={tabIndex}
          checked={isSelected}
          onClick={(event) => onSelect(index, event, 'toggle')}
          onChange={() => {}}
          className="size-4 accent-accent"
        />
      </span>
      <span role="gridcell" className="flex min-w-0 items-center gap-2.5">
        <Icon kind={kind} />
        <span className="flex min-w-0 flex-1 flex-col">
          <Name entry={entry} tabIndex={tabIndex} onOpen={() => onOpen(index)} />
          <Below entry={entry} isPlaceShown={isPlaceShown} tabIndex={tabIndex} />
        </span>
      </span>
      <span role="gridcell" className="hidden px-2 text-right text-muted tabular-nums sm:block">
        {size === null ? '' : formatBytes(size)}
      </span>
      <span role="gridcell" className="hidden truncate px-2 text-muted md:block">
        <RelativeTime at={modifiedAt} tabIndex={tabIndex} />
      </span>
      <span role="gridcell" className="flex justify-center">
        <Menu
          label={`Actions for ${shown}`}
          icon={<EllipsisVertical aria-hidden />}
          variant="ghost"
          size="sm"
          tabIndex={tabIndex}
          groups={() => menu(entry)}
        />
      </span>
    </>
  )
}

function Icon({ kind }: Pick<Entry, 'kind'>) {
  const Sign = ICONS[kind]
  return (
    <Sign aria-hidden className={clsx('size-4 shrink-0', kind === 'folder' ? 'text-accent' : 'text-muted')} />
  )
}

function Name({ entry, tabIndex, onOpen }: { entry: Entry; tabIndex: number; onOpen: () => void }) {
  const { name, kind, path } = entry
  const look = 'flex w-fit max-w-full min-w-0 rounded-sm text-left'
  const shown = visibleName(name)
  if (kind === 'folder')
    return (
      <a
        href={folderHref(path)}
        aria-label={shown}
        title={shown}
        tabIndex={tabIndex}
        className={clsx(look, 'font-medium hover:underline')}
      >
        <EntryName name={name} />
      </a>
    )
  if (kind === 'link')
    return (
      <span title={shown} className={clsx(look, 'text-muted')}>
        <EntryName name={name} />
      </span>
    )
  return (
    <button
      type="button"
      aria-label={shown}
      title={shown}
      tabIndex={tabIndex}
      onClick={onOpen}
      className={clsx(look, 'hover:underline')}
    >
      <EntryName name={name} />
    </button>
  )
}

/** What there is no column for. */
function Below({
  entry: { kind, size, path },
  isPlaceShown,
  tabIndex,
}: Pick<EntryRowProps, 'isPlaceShown'> & { entry: Entry; tabIndex: number }) {
  if (kind === 'link')
    return (
      <span className="truncate text-xs text-muted">A link out of this machine’s folders, or to nothing</span>
    )
  const place = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const bytes = size !== null && (
    <span className="shrink-0 tabular-nums sm:hidden">
      {formatBytes(size)}
      {isPlaceShown && ' ·'}
    </span>
  )
  if (!isPlaceShown && !bytes) return null
  return (
    <span className={clsx('flex min-w-0 gap-1 text-xs text-muted', !isPlaceShown && 'sm:hidden')}>
      {bytes}
      {isPlaceShown && (
        <a href={folderHref(place)} tabIndex={tabIndex} className="min-w-0 truncate hover:underline">
          in {place === '' ? 'the top folder' : visibleName(place)}
        </a>
      )}
    </span>
  )
}
