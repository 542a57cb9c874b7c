import type { ComponentPropsWithoutRef, ReactNode } from 'react'
import { Field, Input, Textarea } from '../ui/field'

interface TextFieldProps extends Omit<ComponentPropsWithoutRef<'input'>, 'onChange' | 'value'> {
  label: ReactNode
  hint?: ReactNode
  error?: string | undefined
  value: string
  onText: (text: string) => void
  /** More than one line. */
  rows?: number
}

/** A labelled text of the form. */
export function TextField({ label, hint, error, className, value, onText, rows, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(control) =>
        rows ? (
          <Textarea {...control} rows={rows} value={value} onChange={({ target }) => onText(target.value)} />
        ) : (
          <Input
            autoComplete="off"
            {...control}
            {...rest}
            value={value}
            onChange={({ target }) => onText(target.value)}
          />
        )
      }
    </Field>
  )
}
