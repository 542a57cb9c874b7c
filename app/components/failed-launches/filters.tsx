import { reasonLabel } from '../../../launch-errors'
import { FILTERS } from '../../failed-launches/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { FilterForm } from '../filter-form'

type Group = Awaited<ReturnType<Api['admin']['failedLaunches']>>['groups'][number]

interface FailedLaunchFiltersProps {
  groups: Group[]
  filters: URLSearchParams
  fault: FormFault | undefined
}

/** By reason, time and name. */
export function FailedLaunchFilters({ groups, filters, fault }: FailedLaunchFiltersProps) {
  const chosen = filters.get('class')
  const isListed = groups.some(
    ({ group, classes }) => group === chosen || classes.some((one) => one.class === chosen),
  )
  return (
    <FilterForm filters={filters} names={FILTERS} fault={fault} offers={isListed}>
      {({ select, input }) => (
        <>
          {select(
            'class',
            'Reason',
            { className: 'col-span-2 sm:w-60' },
            <>
              <option value="">Every reason</option>
              {chosen && !isListed && <option value={chosen}>{reasonLabel(chosen)} (0)</option>}
              {groups.map(({ group, label, count, classes }) => (
                <optgroup key={group} label={label}>
                  <option value={group}>
                    {label}: all ({count})
                  </option>
                  {classes.map((one) => (
                    <option key={one.class} value={one.class}>
                      {one.label} ({one.count})
                    </option>
                  ))}
                </optgroup>
              ))}
            </>,
          )}
          {select(
            'within',
            'Failed',
            { className: 'sm:w-36' },
            <>
              <option value="">At any time</option>
              <option value="24h">In 24 hours</option>
              <option value="7d">In 7 days</option>
            </>,
          )}
          {input('search', 'Machine or owner', { className: 'sm:w-60' }, { type: 'search', max: 100 })}
        </>
      )}
    </FilterForm>
  )
}
