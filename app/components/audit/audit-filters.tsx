import { useSearchParams } from '@remix-run/react'
import type { ReactNode } from 'react'
import { AUDIT_FILTERS, auditFilters } from '../../audit/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { FilterForm } from '../filter-form'

type Action = Awaited<ReturnType<Api['account']['activityActions']>>[number]

interface AuditFiltersProps {
  actions: Action[]
  /** Whether there is anybody to choose; not on one's own page. */
  ofEverybody: boolean
  fault: FormFault | undefined
  /** What else can be done with what the filters let through. */
  children?: ReactNode
}

export function AuditFilters({ actions, ofEverybody, fault, children }: AuditFiltersProps) {
  const [params] = useSearchParams()
  const day = { className: 'col-span-2 min-[26rem]:col-span-1 sm:w-36' }
  return (
    <FilterForm filters={auditFilters(params)} names={AUDIT_FILTERS} fault={fault} aside={children}>
      {({ select, input }) => (
        <>
          {select(
            'action',
            'What',
            { className: 'col-span-2 sm:w-52' },
            <>
              <option value="">Everything</option>
              {actions.map(({ action, label }) => (
                <option key={action} value={action}>
                  {label}
                </option>
              ))}
            </>,
          )}
          {ofEverybody &&
            input(
              'userId',
              'Who',
              { hint: 'E-mail or full name.', className: 'col-span-2 sm:w-44' },
              { max: 254 },
            )}
          <div className="contents sm:flex sm:gap-3">
            {input('from', 'From (UTC)', day, { type: 'date' })}
            {input('to', 'To', day, { type: 'date' })}
          </div>
        </>
      )}
    </FilterForm>
  )
}
