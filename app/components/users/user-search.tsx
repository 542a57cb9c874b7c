import { Form, Link } from '@remix-run/react'
import type { FormFault } from '../../guard'
import { Button, buttonClasses } from '../ui/button'
import { Field, Input } from '../ui/field'

/** A form whose field is the address. */
export function UserSearch({ search, fault }: { search: string; fault: FormFault | undefined }) {
  return (
    <Form
      key={search}
      method="get"
      action="/admin/users"
      preventScrollReset
      className="flex flex-wrap items-start gap-3 border-b p-4"
    >
      <Field
        label="Find somebody"
        hint="A part of the name or of the e-mail address."
        error={fault?.message}
        className="w-full sm:w-72"
      >
        {(control) => (
          <Input {...control} name="search" type="search" maxLength={100} defaultValue={search} />
        )}
      </Field>
      <div className="flex flex-wrap gap-2 sm:mt-6.5">
        <Button type="submit">Search</Button>
        {(search || fault) && (
          <Link to="/admin/users" preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
    </Form>
  )
}
