import { Form, Link, useSearchParams } from '@remix-run/react'
import type { ReactNode } from 'react'
import { filtersOnly } from '../../audit-query'
import type { Api } from '../../trpc/router'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input, Select } from '../ui/field'

type Action = Awaited<ReturnType<Api['account']['activityActions']>>[number]

interface AuditFiltersProps {
  actions: Action[]
  /** Whose entries can be chosen; none on one's own page. */
  users?: { id: string; name: string }[]
  /** What else can be done with what the filters let through. */
  children?: ReactNode
}

/** A form whose fields are the address, so that a filtered log can be kept and sent to somebody. */
export function AuditFilters({ actions, users, children }: AuditFiltersProps) {
  const [params] = useSearchParams()
  const filters = filtersOnly(params)
  const given = (name: string) => ({ name, defaultValue: filters.get(name) ?? '' })
  return (
    <Form
      key={filters.toString()}
      method="get"
      preventScrollReset
      className="grid items-end gap-3 border-b p-4 min-[26rem]:grid-cols-2 sm:flex sm:flex-wrap"
    >
      <Field label="What" className="min-[26rem]:col-span-2 sm:w-52">
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
      {users && (
        <Field label="Who" className="min-[26rem]:col-span-2 sm:w-38">
          {(control) => (
            <Select {...control} {...given('userId')}>
              <option value="">Everybody</option>
              {users.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <Field label="From (UTC)" className="sm:w-36">
        {(control) => <Input {...control} {...given('from')} type="date" />}
      </Field>
      <Field label="To" className="sm:w-36">
        {(control) => <Input {...control} {...given('to')} type="date" />}
      </Field>
      <div className="min-[26rem]:col-span-2 flex flex-wrap gap-2">
        <Button type="submit">Filter</Button>
        {filters.size > 0 && (
          <Link to="." preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
      {children && <div className="min-[26rem]:col-span-2 flex sm:ml-auto">{children}</div>}
    </Form>
  )
}
