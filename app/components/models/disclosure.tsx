import clsx from 'clsx'
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

interface DisclosureProps {
  isOpen: boolean
  onToggle: () => void
  /** What is read while it is shut. */
  summary: ReactNode
  className?: string
  children: ReactNode
}

/** A line that opens what is below it. Unlike `<details>` it draws nothing that is shut. */
export function Disclosure({ isOpen, onToggle, summary, className, children }: DisclosureProps) {
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={onToggle}
        className={clsx(
          'flex w-full items-center gap-2 rounded-md px-3 py-2 text-left hover:bg-sunken',
          className,
        )}
      >
        <ChevronRight aria-hidden className={clsx('size-4 shrink-0 text-muted', isOpen && 'rotate-90')} />
        <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2 gap-y-1">{summary}</span>
      </button>
      {isOpen && children}
    </>
  )
}
