import { KIND_LABELS, MACHINE_KINDS } from '../../../providers/registry'
import { FILTERS } from '../../all-machines/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { FilterForm } from '../filter-form'
import { STATUS_LABELS } from '../machine-status'

interface MachineFiltersProps {
  sizes: Awaited<ReturnType<Api['admin']['machines']>>['sizes']
  filters: URLSearchParams
  fault: FormFault | undefined
}

export function MachineFilters({ sizes, filters, fault }: MachineFiltersProps) {
  const options = (every: string, chosen: string | null, offered: [string, string][]) => (
    <>
      <option value="">{every}</option>
      {chosen && !offered.some(([value]) => value === chosen) && <option value={chosen}>{chosen}</option>}
      {offered.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </>
  )
  const states = Object.entries(STATUS_LABELS)
  const kinds = MACHINE_KINDS.map((kind): [string, string] => [kind, KIND_LABELS[kind]])
  const offeredSizes = sizes.map(({ name, label }): [string, string] => [name, label])
  const narrow = { className: 'sm:w-32' }
  return (
    <FilterForm filters={filters} names={FILTERS} fault={fault} offers={sizes.length}>
      {({ select, input }) => (
        <>
          {select('status', 'State', narrow, options('Every state', filters.get('status'), states))}
          {select('kind', 'Kind', narrow, options('Every kind', filters.get('kind'), kinds))}
          {select('size', 'Size', narrow, options('Every size', filters.get('size'), offeredSizes))}
          {input('user', 'Owner', { hint: 'E-mail or full name.', className: 'sm:w-44' }, { max: 254 })}
          {input(
            'search',
            'Begins with',
            { hint: 'A name, or six characters of an id.', className: 'col-span-2 sm:w-44' },
            { type: 'search', max: 60 },
          )}
        </>
      )}
    </FilterForm>
  )
}
