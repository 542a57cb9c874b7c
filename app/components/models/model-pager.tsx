import { Link, useSearchParams } from '@remix-run/react'
import { buttonClasses } from '../ui/button'

interface ModelPagerProps {
  total: number
  offset: number
  limit: number
}

/** Leads to the pages next to this one, where not all fit on it. */
export function ModelPager({ total, offset, limit }: ModelPagerProps) {
  const [params] = useSearchParams()
  if (total <= limit) return null
  const page = offset / limit + 1
  const to = (other: number, text: string) => (
    <Link
      to={`?${new URLSearchParams([...[...params].filter(([name]) => name !== 'page'), ['page', String(other)]])}`}
      className={buttonClasses({ size: 'sm' })}
    >
      {text}
    </Link>
  )
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-2 border-t p-4">
      <span>{page > 1 && to(page - 1, 'Previous')}</span>
      <span className="text-xs text-muted">
        Page {page} of {Math.ceil(total / limit)}
      </span>
      <span>{offset + limit < total && to(page + 1, 'Next')}</span>
    </nav>
  )
}
