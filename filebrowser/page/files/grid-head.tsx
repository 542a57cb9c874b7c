// biome-ignore-all lint/a11y/useSemanticElements: a table can’t leave out the rows that are not in sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on rows and what is in them, not on cells
import clsx from 'clsx'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { EntrySort } from '../../contract'
import { COLUMNS } from './entry-row'
import type { Order } from './files-api'

export const SORTS: [EntrySort, string][] = [
  ['name', 'Name'],
  ['size', 'Size'],
  ['modified', 'Changed'],
]
const LOOKS = { name: '-ml-1', size: 'hidden justify-end px-1 sm:flex', modified: 'hidden px-1 md:flex' }

interface GridHeadProps {
  /** Undefined for what has an order of its own. */
  order: Order | undefined
  onOrder: (sort: EntrySort) => void
  selected: number
  total: number
  onSelectAll: (isOn: boolean) => void
}

/** The names of the columns, which sort, and a checkbox for all. */
export function GridHead({ order, onOrder, selected, total, onSelectAll }: GridHeadProps) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current) box.current.indeterminate = selected > 0 && selected < total
  }, [selected, total])
  return (
    <div role="rowgroup" className="border-b text-xs text-muted">
      <div role="row" aria-rowindex={1} className={clsx(COLUMNS, 'h-9')}>
        <span role="columnheader" aria-label="Selected" className="flex justify-center">
          <input
            ref={box}
            type="checkbox"
            aria-label="Select all"
            checked={total > 0 && selected >= total}
            onChange={(event) => onSelectAll(event.target.checked)}
            className="size-4 accent-accent"
          />
        </span>
        {SORTS.map(([sort, label]) => (
          <Column
            key={sort}
            label={label}
            direction={order?.sort === sort ? order.order : undefined}
            onClick={order && (() => onOrder(sort))}
            className={LOOKS[sort]}
          />
        ))}
        <span role="columnheader">
          <span className="sr-only">Actions</span>
        </span>
      </div>
    </div>
  )
}

interface ColumnProps {
  label: string
  direction: Order['order'] | undefined
  onClick: (() => void) | undefined
  className: string
}

function Column({ label, direction, onClick, className }: ColumnProps) {
  const Arrow = direction === 'asc' ? ArrowUp : ArrowDown
  const sorted = direction && (direction === 'asc' ? 'ascending' : 'descending')
  return (
    <span role="columnheader" aria-sort={sorted} className={clsx('flex min-w-0 font-medium', className)}>
      {onClick ? (
        <button
          type="button"
          onClick={onClick}
          className="flex items-center gap-1 rounded-sm px-1 py-1 hover:text-text"
        >
          {label}
          {direction && <Arrow aria-hidden className="size-3.5" />}
        </button>
      ) : (
        <span className="px-1">{label}</span>
      )}
    </span>
  )
}
