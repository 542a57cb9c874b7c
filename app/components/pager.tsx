import { Link } from '@remix-run/react'
import { buttonClasses } from './ui/button'

interface PagerProps {
  /** Cursors that the procedure gave; null where there is nothing more. */
  older: string | number | null
  newer: string | number | null
  /** What else stands in the address of each page. */
  filters: URLSearchParams
  /** What the links say, where the list is in no order of time. */
  names?: { older: string; newer: string }
}

const BY_TIME = { older: 'Older', newer: 'Newer' }
/** For lists in the order of names. */
export const BY_NAME = { older: 'Next', newer: 'Previous' }

/** Leads to the pages next to this one. */
export function Pager({ older, newer, filters, names = BY_TIME }: PagerProps) {
  if (older === null && newer === null) return null
  const at = (name: 'before' | 'after', cursor: string | number) =>
    `?${new URLSearchParams([...filters, [name, String(cursor)]])}`
  return (
    <nav aria-label="Pages" className="flex justify-between gap-2 border-t p-4">
      <span>
        {newer !== null && (
          <Link to={at('after', newer)} className={buttonClasses({ size: 'sm' })}>
            {names.newer}
          </Link>
        )}
      </span>
      {older !== null && (
        <Link to={at('before', older)} className={buttonClasses({ size: 'sm' })}>
          {names.older}
        </Link>
      )}
    </nav>
  )
}
