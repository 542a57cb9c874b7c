import { Form, Link, useSearchParams } from '@remix-run/react'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input, Select } from '../ui/field'

interface ModelFiltersProps {
  categories: string[]
}

/** A form whose fields are the address, so that a search can be kept and sent to somebody. */
export function ModelFilters({ categories }: ModelFiltersProps) {
  const [params] = useSearchParams()
  const given = (name: string) => params.get(name) ?? ''
  return (
    <Form
      key={params.toString()}
      method="get"
      className="flex flex-wrap items-start gap-3 border-b p-4"
      role="search"
      aria-label="Models"
    >
      <Field label="Search" className="w-full sm:w-64">
        {(control) => <Input {...control} type="search" name="search" defaultValue={given('search')} />}
      </Field>
      {categories.length > 0 && (
        <Field label="Category" className="w-full sm:w-48">
          {(control) => (
            <Select {...control} name="category" defaultValue={given('category')}>
              <option value="">All</option>
              {categories.map((category) => (
                <option key={category}>{category}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <label className="flex h-9 items-center gap-2 sm:mt-6.5">
        <input
          type="checkbox"
          name="own"
          defaultChecked={given('own') === 'on'}
          className="size-4 accent-accent"
        />
        Only mine
      </label>
      <div className="flex gap-2 sm:mt-6.5">
        <Button type="submit">Filter</Button>
        {params.size > 0 && (
          <Link to="." className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
    </Form>
  )
}
