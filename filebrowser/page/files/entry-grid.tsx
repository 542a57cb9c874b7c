// biome-ignore-all lint/a11y/useSemanticElements: a table can’t leave out the rows that are not in sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows and what is in them, not on cells
import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual'
import {
  forwardRef,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import type { MenuItem } from '~/app/components/ui/menu'
import type { EntrySort } from '../../contract'
import { EntryRow } from './entry-row'
import type { Entry, Order } from './files-api'
import { GridHead } from './grid-head'
import { moveOf } from './grid-keys'
import type { Listing } from './listing'
import { useMedia } from './use-media'
import type { Selection } from './use-selection'

/** What stays on top while the list scrolls. */
const HEAD_PX = 64
const ROW_PX = { wide: 40, narrow: 56 }

export interface GridHandle {
  /** Puts the keyboard on an entry, or where it was last. */
  focusRow(index?: number): void
}

interface EntryGridProps {
  listing: Listing
  selection: Selection
  order: Order | undefined
  isPlaceShown: boolean
  menu: (entry: Entry) => MenuItem[][]
  onOrder: (sort: EntrySort) => void
  onOpen: (index: number) => void
  /** A key that the grid itself has no use for. @returns whether it was one */
  onKey: (event: KeyboardEvent) => boolean
}

/** The entries, of which only those in sight are in the page; one of them has the keyboard. */
export const EntryGrid = forwardRef<GridHandle, EntryGridProps>(function EntryGrid(props, ref) {
  const { listing, selection, order, isPlaceShown, menu, onOrder, onOpen, onKey } = props
  const { active, setActive } = selection
  const total = listing.total ?? 0
  const body = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const isWide = useMedia('(min-width: 40rem)')
  const rowPx = isWide && !isPlaceShown ? ROW_PX.wide : ROW_PX.narrow

  const virtualizer = useWindowVirtualizer({
    count: total,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollMargin: top,
    scrollPaddingStart: HEAD_PX,
    // The row with the focus stays, or the focus would be lost by scrolling.
    rangeExtractor: useCallback(
      (range: Range) => {
        const inSight = defaultRangeExtractor(range)
        return active >= range.count || inSight.includes(active) ? inSight : [...inSight, active]
      },
      [active],
    ),
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are as high as the window is wide
  useLayoutEffect(() => virtualizer.measure(), [rowPx])
  // Whatever stands above may come and go.
  useLayoutEffect(() => {
    const now = Math.round((body.current?.getBoundingClientRect().top ?? 0) + scrollY)
    setTop((before) => (Math.abs(now - before) > 1 ? now : before))
  })
  useEffect(() => {
    const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {}
    listing.want(startIndex, endIndex)
  })

  const isFocusWanted = useRef(false)
  const focusRow = (index = active) => {
    isFocusWanted.current = true
    setActive(index)
    virtualizer.scrollToIndex(index)
  }
  useEffect(() => {
    if (!isFocusWanted.current) return
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)
    if (!row) return
    isFocusWanted.current = false
    row.focus({ preventScroll: true })
  })
  useImperativeHandle(ref, () => ({ focusRow }))
  // When the list got shorter than where the focus was, it goes to the last entry.
  const focused = useRef(-1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another length can take the focus away
  useEffect(() => {
    if (focused.current >= total && total > 0 && document.activeElement === document.body) focusRow(total - 1)
  }, [total])

  function onKeyDown(event: KeyboardEvent) {
    const isOnRow = (event.target as Element).getAttribute('role') === 'row'
    const to = moveOf(event, active, {
      last: total - 1,
      page: Math.floor((innerHeight - HEAD_PX) / rowPx) - 1,
    })
    if (to !== undefined) {
      if (event.shiftKey) void selection.extendTo(to)
      focusRow(to)
    } else if ((event.ctrlKey || event.metaKey) && event.key === 'a') void selection.all()
    else if (isOnRow && event.key === ' ') {
      if (event.shiftKey) void selection.extendTo(active)
      else selection.toggle(active)
    } else if (isOnRow && event.key === 'Enter') onOpen(active)
    else if (event.key === 'Escape' && selection.entries.size > 0) selection.clear()
    else if (!onKey(event)) return
    event.preventDefault()
  }

  return (
    <div
      role="grid"
      tabIndex={-1}
      aria-label={isPlaceShown ? 'Search results' : 'Entries of this folder'}
      aria-rowcount={total + 1}
      aria-multiselectable
      onKeyDown={onKeyDown}
      onFocus={({ target }) => {
        focused.current = Number(target.getAttribute('data-index') ?? -1)
      }}
    >
      <GridHead
        order={order}
        onOrder={onOrder}
        selected={selection.entries.size}
        total={total}
        onSelectAll={(isOn) => (isOn ? void selection.all() : selection.clear())}
      />
      <div ref={body} role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start, size }) => {
          const entry = listing.at(index)
          return (
            // By its place, so that the focus stays there when what is in it changes.
            <EntryRow
              key={index}
              entry={entry}
              index={index}
              isSelected={entry !== undefined && selection.entries.has(entry.path)}
              isActive={index === active}
              isPlaceShown={isPlaceShown}
              style={{ top: start - top, height: size }}
              menu={menu}
              onOpen={(at) => {
                setActive(at)
                onOpen(at)
              }}
              onSelect={(at, { shiftKey }, how) => {
                isFocusWanted.current = how === 'only'
                if (shiftKey) void selection.extendTo(at)
                else selection[how](at)
              }}
            />
          )
        })}
      </div>
    </div>
  )
})
