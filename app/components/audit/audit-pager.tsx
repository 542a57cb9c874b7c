import { Link, useSearchParams } from '@remix-run/react'
import { filtersOnly } from '../../audit/query'
import { buttonClasses } from '../ui/button'

/** Leads to the pages next to this one; the ids are cursors that the procedure gave. */
export function AuditPager({ older, newer }: { older: number | null; newer: number | null }) {
  const [params] = useSearchParams()
  if (older === null && newer === null) return null
  const at = (name: 'before' | 'after', id: number) => {
    const address = filtersOnly(params)
    address.set(name, String(id))
    return `?${address}`
  }
  return (
    <nav aria-label="Pages" className="flex justify-between gap-2 border-t p-4">
      <span>
        {newer !== null && (
          <Link to={at('after', newer)} className={buttonClasses({ size: 'sm' })}>
            Newer
          </Link>
        )}
      </span>
      {older !== null && (
        <Link to={at('before', older)} className={buttonClasses({ size: 'sm' })}>
          Older
        </Link>
      )}
    </nav>
  )
}
