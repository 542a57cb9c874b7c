import clsx from 'clsx'
import type { ReactNode } from 'react'
import type { Api } from '../../trpc/router'
import { Badge } from '../ui/badge'
import { RelativeTime } from '../ui/relative-time'

export type AuditEntry = Awaited<ReturnType<Api['admin']['audit']>>['entries'][number]

interface AuditTableProps {
  entries: AuditEntry[]
  /** Everybody's, with whose account it is about; else one's own. */
  ofEverybody: boolean
}

/** What happened; on a phone each entry is a card. */
export function AuditTable({ entries, ofEverybody }: AuditTableProps) {
  const columns = ['When', 'What', ...(ofEverybody ? ['Account'] : []), 'By', 'From']
  return (
    <table className="block w-full text-left sm:table">
      <thead className="sr-only sm:not-sr-only sm:table-header-group">
        <tr className="border-b text-xs text-muted">
          {columns.map((name) => (
            <th key={name} scope="col" className={clsx('px-4 py-2 font-medium', name === 'What' && 'w-2/5')}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="block divide-y sm:table-row-group">
        {entries.map((entry) => (
          <tr
            key={entry.id}
            className="flex flex-wrap gap-x-4 gap-y-1 px-4 py-3 align-top sm:table-row sm:p-0"
          >
            <Cell name="When">
              <RelativeTime at={entry.at} tabIndex={-1} />
            </Cell>
            <td className="order-first w-full min-w-0 sm:w-auto sm:px-4 sm:py-2.5">
              <What entry={entry} ofEverybody={ofEverybody} />
            </td>
            {ofEverybody && (
              <Cell name="Account" className="sm:min-w-24">
                {entry.subject}
              </Cell>
            )}
            <Cell name="By" className="sm:min-w-24">
              <By entry={entry} sayYou={!ofEverybody} />
            </Cell>
            <Cell name="From" className="sm:min-w-36">
              {entry.address}
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** On a phone it carries the name of its column, and is left out when it is empty. */
function Cell({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <td
      className={clsx(
        'min-w-0 gap-1.5 text-muted not-empty:flex wrap-anywhere sm:table-cell! sm:px-4 sm:py-2.5',
        className,
      )}
    >
      {children && (
        <>
          <span aria-hidden className="shrink-0 sm:hidden">
            {name}
          </span>
          <span className="min-w-0">{children}</span>
        </>
      )}
    </td>
  )
}

function What({ entry, ofEverybody }: { entry: AuditEntry; ofEverybody: boolean }) {
  const { label, target, detail, subject, isAboutYou } = entry
  return (
    <div className="wrap-anywhere">
      <span className="font-medium">{label}</span>
      {target && <span>: {target}</span>}
      {!ofEverybody && !isAboutYou && subject && <span> (account of {subject})</span>}
      {detail && <p className="text-muted">{detail}</p>}
    </div>
  )
}

const KINDS: Partial<Record<AuditEntry['byKind'], string>> = { 'api-token': 'API token' }

function By({ entry, sayYou }: { entry: AuditEntry; sayYou: boolean }) {
  const { by, byKind, isByYou } = entry
  if (sayYou && isByYou && byKind === 'user') return 'You'
  const kind = KINDS[byKind]
  return (
    <>
      {by} {kind && <Badge>{kind}</Badge>}
    </>
  )
}
