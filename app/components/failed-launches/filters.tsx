import { Form, Link } from '@remix-run/react'
import { reasonLabel } from '../../../launch-errors'
import { FILTERS } from '../../failed-launches/query'
import type { FormFault } from '../../guard'
import type { Api } from '../../trpc/router'
import { formFaults } from '../form-faults'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input, Select } from '../ui/field'

type Group = Awaited<ReturnType<Api['admin']['failedLaunches']>>['groups'][number]

interface FailedLaunchFiltersProps {
  groups: Group[]
  filters: URLSearchParams
  fault: FormFault | undefined
}

/** By reason, time and name; the address keeps them. */
export function FailedLaunchFilters({ groups, filters, fault }: FailedLaunchFiltersProps) {
  const { errorOf, general } = formFaults(fault, FILTERS)
  const given = (name: string) => ({ name, defaultValue: filters.get(name) ?? '' })
  const chosen = filters.get('class')
  const isListed = groups.some(
    ({ group, classes }) => group === chosen || classes.some((one) => one.class === chosen),
  )
  return (
    <Form
      // A select keeps what was chosen only as long as it stays among its options.
      key={`${filters} ${isListed}`}
      method="get"
      preventScrollReset
      className="flex flex-wrap items-start gap-3 border-b p-4"
    >
      {general && (
        <Alert tone="danger" className="basis-full">
          {general}
        </Alert>
      )}
      <Field label="Reason" error={errorOf('class')} className="w-full sm:w-60">
        {(control) => (
          <Select {...control} {...given('class')}>
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
          </Select>
        )}
      </Field>
      <Field label="Failed" error={errorOf('within')} className="w-full sm:w-36">
        {(control) => (
          <Select {...control} {...given('within')}>
            <option value="">At any time</option>
            <option value="24h">In 24 hours</option>
            <option value="7d">In 7 days</option>
          </Select>
        )}
      </Field>
      <Field label="Machine or owner" error={errorOf('search')} className="w-full sm:w-60">
        {(control) => <Input {...control} {...given('search')} type="search" maxLength={100} />}
      </Field>
      <div className="flex flex-wrap gap-2 sm:mt-6.5">
        <Button type="submit">Filter</Button>
        {(fault || filters.size > 0) && (
          <Link to="." preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
    </Form>
  )
}
