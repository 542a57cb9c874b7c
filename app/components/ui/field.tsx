import clsx from 'clsx'
import type { ComponentPropsWithRef, ReactNode } from 'react'
import { forwardRef, useId } from 'react'

// 16 px on phones: smaller text makes iOS zoom into the page.
const CONTROL =
  'h-9 w-full min-w-0 rounded-md border border-control bg-surface px-3 text-base text-text sm:text-sm ' +
  'placeholder:text-muted disabled:opacity-60 aria-invalid:border-danger'

export const Input = forwardRef<HTMLInputElement, ComponentPropsWithRef<'input'>>(function Input(
  { className, ...rest },
  ref,
) {
  return <input ref={ref} className={clsx(CONTROL, className)} {...rest} />
})

export const Select = forwardRef<HTMLSelectElement, ComponentPropsWithRef<'select'>>(function Select(
  { className, ...rest },
  ref,
) {
  return <select ref={ref} className={clsx(CONTROL, className)} {...rest} />
})

export const Textarea = forwardRef<HTMLTextAreaElement, ComponentPropsWithRef<'textarea'>>(function Textarea(
  { className, ...rest },
  ref,
) {
  return <textarea ref={ref} className={clsx(CONTROL, 'h-auto! py-1.5', className)} {...rest} />
})

/** What a control takes from its field: `<Field label="Name">{(control) => <Input {...control} />}</Field>`. */
interface ControlProps {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  /** A sentence that names the cure; marks the control as invalid. */
  error?: ReactNode
  className?: string
  children: (control: ControlProps) => ReactNode
}

/** A label, its control, a hint and an error, tied together for screen readers. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId()
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className={clsx('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': describedBy || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  )
}
