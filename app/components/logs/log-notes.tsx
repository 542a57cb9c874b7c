import { Link } from '@remix-run/react'
import type { Log } from './use-log'

interface LogNotesProps {
  log: Log
  search: string
  isNewest: boolean
  link(changes: Record<string, string | undefined>): string
}

/** What there is besides what is shown, and the way to it. */
export function LogNotes({ log, search, isNewest, link }: LogNotesProps) {
  const ofSearch = { search: search || undefined }
  return (
    <div className="flex flex-wrap gap-x-4 px-4 py-2 text-xs text-muted empty:hidden">
      {log.older && (
        <Note to={link({ ...ofSearch, cursor: log.older })}>
          {search ? 'Search older lines' : 'Older lines'}
        </Note>
      )}
      {!log.older && log.dropped > 0 && (
        <span>The first {log.dropped.toLocaleString('en')} bytes are no longer kept.</span>
      )}
      {!isNewest && <Note to={link(ofSearch)}>Newest lines</Note>}
      {search && <Note to={link({})}>Show all</Note>}
    </div>
  )
}

const Note = ({ to, children }: { to: string; children: string }) => (
  <Link to={to} preventScrollReset className="underline hover:text-text">
    {children}
  </Link>
)
