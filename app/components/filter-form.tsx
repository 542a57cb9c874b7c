import { Form, Link } from '@remix-run/react'
import type { ReactNode } from 'react'
import type { FormFault } from '../guard'
import { formFaults } from './form-faults'
import { Alert } from './ui/alert'
import { Button, buttonClasses } from './ui/button'
import { Field, Input, Select } from './ui/field'

interface FilterFormProps {
  /** Those of the address. */
  filters: URLSearchParams
  /** The names of all that the form has. */
  names: readonly string[]
  fault: FormFault | undefined
  /** Differs when what may be chosen does: a select keeps what was chosen only as long as it stays among its options. */
  offers?: string | number | boolean
  submit?: string
  /** What else can be done with what the filters let through. */
  aside?: ReactNode
  children: (field: FilterFields) => ReactNode
}

type FilterFields = ReturnType<typeof filterFields>

/** A form whose fields are the address, so that a filtered list can be kept and sent to somebody. */
export function FilterForm(props: FilterFormProps) {
  const { filters, names, fault, offers, submit = 'Filter', aside, children } = props
  const { errorOf, general } = formFaults(fault, names)
  return (
    <Form
      key={`${filters} ${offers}`}
      method="get"
      preventScrollReset
      className="grid grid-cols-2 items-start gap-3 border-b p-4 sm:flex sm:flex-wrap"
    >
      {general && (
        <Alert tone="danger" className="col-span-2 sm:basis-full">
          {general}
        </Alert>
      )}
      {children(filterFields(filters, errorOf))}
      <div className="col-span-2 flex flex-wrap gap-2 sm:mt-6.5">
        <Button type="submit">{submit}</Button>
        {(fault || filters.size > 0) && (
          <Link to="." preventScrollReset className={buttonClasses({ variant: 'ghost' })}>
            Show all
          </Link>
        )}
      </div>
      {aside && <div className="col-span-2 flex sm:mt-6.5 sm:ml-auto">{aside}</div>}
    </Form>
  )
}

interface FieldLook {
  hint?: string
  /** Its width; on phones half of the form unless it spans both columns. */
  className?: string
}

function filterFields(filters: URLSearchParams, errorOf: (name: string) => string | undefined) {
  const field = (name: string, label: string, look: FieldLook) => ({
    label,
    error: errorOf(name),
    ...look,
  })
  const given = (name: string) => ({ name, defaultValue: filters.get(name) ?? '' })
  return {
    select: (name: string, label: string, look: FieldLook, options: ReactNode) => (
      <Field {...field(name, label, look)}>
        {(control) => (
          <Select {...control} {...given(name)}>
            {options}
          </Select>
        )}
      </Field>
    ),
    input: (
      name: string,
      label: string,
      look: FieldLook,
      { type, max }: { type?: string; max?: number } = {},
    ) => (
      <Field {...field(name, label, look)}>
        {(control) => <Input {...control} {...given(name)} type={type} maxLength={max} />}
      </Field>
    ),
  }
}
