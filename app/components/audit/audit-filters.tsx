import { Form, Link, useSearchParams } from '@remix-run/react'
import type { ReactNode } from 'react'
import { AUDIT_FILTERS, filtersOnly } from '../../audit/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input, Select } from '../ui/field'

type Action = Awaited<ReturnType<Api['account']['activityActions']>>[number]

interface AuditFiltersProps {
  actions: Action[]
  /** Whether there is anybody to choose; not on one's own page. */
  ofEverybody: boolean
  fault: FormFault | undefined
  /** What else can be done with what the filters let through. */
  children?: ReactNode
}

/** A form whose fields are the address, so that a filtered log can be kept and sent to somebody. */
export function AuditFilters({ actions, ofEverybody, fault, children }: AuditFiltersProps) {
  const [params] = useSearchParams()
  const filters = filtersOnly(params)
  const { errorOf, general } = formFaults(fault, AUDIT_FILTERS)
  const given = (name: string) => ({ name, defaultValue: filters.get(name) ?? '' })
  return (
    <Form
      key={filters.toString()}
      method="get"
      preventScrollReset
      className="grid items-start gap-3 border-b p-4 min-[26rem]:grid-cols-2 sm:flex sm:flex-wrap"
    >
      {general && (
        <Alert tone="danger" className="min-[26rem]:col-span-2 sm:basis-full">
          {general}
        </Alert>
      )}
      <Field label="What" error={errorOf('action')} className="min-[26rem]:col-span-2 sm:w-52">
        {(control) => (
          <Select {...control} {...given('action')}>
            <option value="">Everything</option>
            {actions.map(({ action, label }) => (
              <option key={action} value={action}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {ofEverybody && (
        <Field
          label="Who"
          hint="E-mail or full name."
          error={errorOf('userId')}
          className="min-[26rem]:col-span-2 sm:w-44"
        >
          {(control) => <Input {...control} {...given('userId')} maxLength={254} />}
        </Field>
      )}
      <Field label="From (UTC)" error={errorOf('from')} className="sm:w-36">
        {(control) => <Input {...control} {...given('from')} type="date" />}
      </Field>
      <Field label="To" error={errorOf('to')} className="sm:w-36">
        {(control) => <Input {...control} {...given('to')} type="date" />}
      </Field>
      <div className="min-[26rem]:col-span-2 flex flex-wrap gap-2 sm:mt-6.5">
        <Button type="submit">Filter</Button>
        {(fault || filters.size > 0) && (
          <Link to="." preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
      {children && <div className="min-[26rem]:col-span-2 flex sm:mt-6.5 sm:ml-auto">{children}</div>}
    </Form>
  )
}
