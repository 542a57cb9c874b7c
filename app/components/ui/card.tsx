import clsx from 'clsx'
import type { ComponentPropsWithoutRef, ReactNode } from 'react'
import { useId } from 'react'

/** A bordered surface; lists in it bring their own padding, text takes `className="p-4"`. */
export function Card({ className, ...rest }: ComponentPropsWithoutRef<'div'>) {
  return <div className={clsx('rounded-lg border bg-surface', className)} {...rest} />
}

interface SectionProps {
  title: ReactNode
  description?: ReactNode
  /** Buttons at the right of the title. */
  actions?: ReactNode
  /** `false` lets a list or table reach the card's edges. */
  padded?: boolean
  className?: string
  children: ReactNode
}

/** A card with a heading, found by screen readers as a region of that name. */
export function Section({ title, description, actions, padded = true, className, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={clsx('rounded-lg border bg-surface', className)}>
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b px-4 py-3">
        <div className="min-w-0">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {description && <p className="text-sm text-pretty text-muted">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={clsx(padded && 'p-4')}>{children}</div>
    </section>
  )
}
