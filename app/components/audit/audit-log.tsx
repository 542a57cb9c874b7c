import { useSearchParams } from '@remix-run/react'
import { Download, ScrollText } from 'lucide-react'
import { filtersOnly } from '../../audit-query'
import type { Api } from '../../trpc/router'
import { buttonClasses } from '../ui/button'
import { Card } from '../ui/card'
import { EmptyState } from '../ui/empty-state'
import { AuditFilters } from './audit-filters'
import { AuditPager } from './audit-pager'
import { AuditTable } from './audit-table'

interface AuditLogProps {
  actions: Parameters<typeof AuditFilters>[0]['actions']
  page: Awaited<ReturnType<Api['admin']['audit']>>
  /** For administrators: everybody, whose entries they see; without, the log is one's own. */
  users?: { id: string; name: string }[]
}

export function AuditLog({ actions, page: { entries, older, newer }, users }: AuditLogProps) {
  const filters = filtersOnly(useSearchParams()[0])
  return (
    <Card>
      <AuditFilters actions={actions} users={users}>
        {users && (
          <a href={`/admin/audit.csv?${filters}`} download className={buttonClasses()}>
            <Download aria-hidden /> Download CSV
          </a>
        )}
      </AuditFilters>
      {entries.length === 0 ? (
        <EmptyState icon={ScrollText} title={filters.size ? 'Nothing like that' : 'Nothing yet'}>
          {filters.size ? 'No entry passes these filters.' : 'What happens is written down here.'}
        </EmptyState>
      ) : (
        <AuditTable entries={entries} ofEverybody={users !== undefined} />
      )}
      <AuditPager older={older} newer={newer} />
    </Card>
  )
}
