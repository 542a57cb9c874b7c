import { Link } from '@remix-run/react'
import clsx from 'clsx'
import type { ReactNode } from 'react'
import { buttonClasses } from './ui/button'

interface ModeLinkProps {
  to: string
  /** Its name for screen readers, where the text alone doesn't tell one row's from another's. */
  label?: string
  /** Whether it shows an icon alone, which then needs the label as its tooltip. */
  isIcon?: boolean
  size?: 'sm' | 'md'
  children: ReactNode
}

/** Turns a row or a page into a form or a question: a link, so that it works without scripts. */
export function ModeLink({ to, label, isIcon = false, size = 'sm', children }: ModeLinkProps) {
  return (
    <Link
      to={to}
      replace
      preventScrollReset
      aria-label={label}
      title={isIcon ? label : undefined}
      className={clsx(
        buttonClasses({ variant: isIcon ? 'ghost' : 'secondary', size }),
        isIcon && 'w-8 px-0!',
      )}
    >
      {children}
    </Link>
  )
}
