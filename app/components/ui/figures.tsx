import { Link } from '@remix-run/react'
import type { ReactNode } from 'react'

/** Numbers that are read at a glance. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-3">{children}</dl>
}

interface FigureProps {
  name: string
  /** Where the things are that it counts. */
  to?: string
  children: ReactNode
}

export function Figure({ name, to, children }: FigureProps) {
  return (
    <div className="flex min-w-0 flex-col">
      <dt className="text-sm text-muted">
        {to ? (
          <Link to={to} className="underline hover:text-text">
            {name}
          </Link>
        ) : (
          name
        )}
      </dt>
      <dd className="min-w-0 text-lg font-semibold tabular-nums wrap-anywhere">{children}</dd>
    </div>
  )
}
