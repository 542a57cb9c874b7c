import type { ComponentPropsWithoutRef, ReactNode } from 'react'

interface ChoicesProps {
  legend: string
  error?: string | undefined
  /** Tells apart the errors of several groups on a page. */
  id: string
  children: ReactNode
}

/** A group of radio buttons, with what is wrong with the choice. */
export function Choices({ legend, error, id, children }: ChoicesProps) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2" aria-describedby={error && `${id}-error`}>
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      {children}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
    </fieldset>
  )
}

type ChoiceProps = ComponentPropsWithoutRef<'input'> & { label: ReactNode; hint?: ReactNode }

/** A radio button with its label; a click anywhere on the text chooses it. */
export function Choice({ label, hint, ...rest }: ChoiceProps) {
  return (
    <label className="flex items-baseline gap-2.5">
      <input type="radio" className="size-4 shrink-0 translate-y-0.5 accent-accent" {...rest} />
      <span className="min-w-0">
        {label}
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  )
}
