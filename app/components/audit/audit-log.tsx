import { useSearchParams } from '@remix-run/react'
import { Download, ScrollText } from 'lucide-react'
import { auditFilters } from '../../audit/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { Pager } from '../pager'
import { buttonClasses } from '../ui/button'
import { Card } from '../ui/card'
import { EmptyState } from '../ui/empty-state'
import { AuditFilters } from './audit-filters'
import { AuditTable } from './audit-table'

interface AuditLogProps {
  actions: Parameters<typeof AuditFilters>[0]['actions']
  /** None when there is a fault. */
  page: Awaited<ReturnType<Api['admin']['audit']>> | undefined
  /** What is wrong with the filters. */
  fault: FormFault | undefined
  /** For administrators; without, the log is one's own. */
  ofEverybody?: boolean
}

export function AuditLog({ actions, page, fault, ofEverybody = false }: AuditLogProps) {
  const filters = auditFilters(useSearchParams()[0])
  return (
    <Card>
      <AuditFilters actions={actions} ofEverybody={ofEverybody} fault={fault}>
        {ofEverybody && page && (
          <a href={`/admin/audit.csv?${filters}`} download className={buttonClasses()}>
            <Download aria-hidden /> Download CSV
          </a>
        )}
      </AuditFilters>
      {page && page.entries.length > 0 ? (
        <AuditTable entries={page.entries} ofEverybody={ofEverybody} />
      ) : (
        <NoEntries isFault={fault !== undefined} isFiltered={filters.size > 0} />
      )}
      {page && <Pager older={page.older} newer={page.newer} filters={filters} />}
    </Card>
  )
}

function NoEntries({ isFault, isFiltered }: { isFault: boolean; isFiltered: boolean }) {
  const [title, text] = isFault
    ? ['Nothing to show', 'Mend the fault above to see entries.']
    : isFiltered
      ? ['Nothing like that', 'No entry passes these filters.']
      : ['Nothing yet', 'What happens is written down here.']
  return (
    <EmptyState icon={ScrollText} title={title}>
      {text}
    </EmptyState>
  )
}
