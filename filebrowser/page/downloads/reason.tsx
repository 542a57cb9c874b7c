import clsx from 'clsx'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { RefusalView } from '../../contract'
import { SafeLink } from './safe-link'

export type Fault = Pick<RefusalView, 'message' | 'link'>

interface ReasonProps {
  fault: Fault
  /** What it is about, where that isn't clear from its place. */
  about?: ReactNode
  /** `warning`: it cures itself. */
  tone?: 'danger' | 'warning'
}

/** Why something can't be had, and where that is cured. Says nothing aloud by itself: a list may hold many. */
export function Reason({ fault: { message, link }, about, tone = 'danger' }: ReasonProps) {
  return (
    <div
      className={clsx(
        'flex gap-2.5 rounded-md border px-3 py-2 text-sm',
        tone === 'danger' ? 'bg-danger-soft [&>svg]:text-danger' : 'bg-warning-soft [&>svg]:text-warning',
      )}
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 wrap-anywhere">
        {about && <p className="font-medium">{about}</p>}
        <p>
          {message}
          {link && (
            <>
              {' '}
              <SafeLink href={link.href}>{link.label}</SafeLink>
            </>
          )}
        </p>
      </div>
    </div>
  )
}
