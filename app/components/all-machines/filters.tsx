import { Form, Link } from '@remix-run/react'
import { KIND_LABELS, MACHINE_KINDS } from '../../../providers/registry'
import { FILTERS } from '../../all-machines/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { formFaults } from '../form-faults'
import { STATUS_LABELS } from '../machine-status'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input, Select } from '../ui/field'

interface MachineFiltersProps {
  sizes: Awaited<ReturnType<Api['admin']['machines']>>['sizes']
  filters: URLSearchParams
  fault: FormFault | undefined
}

/** A form whose fields are the address. */
export function MachineFilters({ sizes, filters, fault }: MachineFiltersProps) {
  const { errorOf, general } = formFaults(fault, FILTERS)
  const select = (
    name: (typeof FILTERS)[number],
    label: string,
    every: string,
    offered: [string, string][],
  ) => {
    const chosen = filters.get(name)
    const isOffered = !chosen || offered.some(([value]) => value === chosen)
    return (
      <Field label={label} error={errorOf(name)} className="sm:w-32">
        {(control) => (
          <Select {...control} name={name} defaultValue={chosen ?? ''}>
            <option value="">{every}</option>
            {!isOffered && <option value={chosen}>{chosen}</option>}
            {offered.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
    )
  }
  return (
    <Form
      key={`${filters} ${sizes.length}`}
      method="get"
      preventScrollReset
      className="grid grid-cols-2 items-start gap-3 border-b p-4 sm:flex sm:flex-wrap"
    >
      {general && (
        <Alert tone="danger" className="col-span-2 sm:basis-full">
          {general}
        </Alert>
      )}
      {select('status', 'State', 'Every state', Object.entries(STATUS_LABELS))}
      {select(
        'kind',
        'Kind',
        'Every kind',
        MACHINE_KINDS.map((kind) => [kind, KIND_LABELS[kind]]),
      )}
      {select(
        'size',
        'Size',
        'Every size',
        sizes.map(({ name, label }) => [name, label]),
      )}
      <Field label="Owner" hint="E-mail or full name." error={errorOf('user')} className="sm:w-44">
        {(control) => (
          <Input {...control} name="user" maxLength={254} defaultValue={filters.get('user') ?? ''} />
        )}
      </Field>
      <Field
        label="Begins with"
        hint="A name, or six characters of an id."
        error={errorOf('search')}
        className="col-span-2 sm:w-44"
      >
        {(control) => (
          <Input
            {...control}
            name="search"
            type="search"
            maxLength={60}
            defaultValue={filters.get('search') ?? ''}
          />
        )}
      </Field>
      <div className="col-span-2 flex flex-wrap gap-2 sm:mt-6.5">
        <Button type="submit">Filter</Button>
        {(fault || filters.size > 0) && (
          <Link to="/admin/machines" preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
    </Form>
  )
}
