import { Link } from '@remix-run/react'
import type { ReactNode } from 'react'
import { buttonClasses } from './ui/button'

interface ModeLinkProps {
  to: string
  /** Its name for screen readers, where the text alone doesn't tell one row's from another's. */
  label: string
  children: ReactNode
}

/** Turns a row into a form or a question: a link, so that it works without scripts. */
export function ModeLink({ to, label, children }: ModeLinkProps) {
  return (
    <Link
      to={to}
      replace
      preventScrollReset
      aria-label={label}
      className={buttonClasses({ variant: 'secondary', size: 'sm' })}
    >
      {children}
    </Link>
  )
}
