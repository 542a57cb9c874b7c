import clsx from 'clsx'
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

const TONES = {
  info: { look: 'bg-accent-soft [&>svg]:text-accent', Icon: Info },
  success: { look: 'bg-success-soft [&>svg]:text-success', Icon: CircleCheck },
  warning: { look: 'bg-warning-soft [&>svg]:text-warning', Icon: TriangleAlert },
  danger: { look: 'bg-danger-soft [&>svg]:text-danger', Icon: CircleAlert },
}

interface AlertProps {
  tone?: keyof typeof TONES
  title?: ReactNode
  /** Links or buttons under the text. */
  actions?: ReactNode
  className?: string
  children?: ReactNode
}

/** A message in the page; `danger` is announced at once, the others when the reader is idle. */
export function Alert({ tone = 'info', title, actions, className, children }: AlertProps) {
  const { look, Icon } = TONES[tone]
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={clsx('flex gap-3 rounded-md border px-3.5 py-2.5 text-sm', look, className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 space-y-1 wrap-break-word">
        {title && <p className="font-medium">{title}</p>}
        {children && <div>{children}</div>}
        {actions && <div className="flex flex-wrap gap-2 pt-1">{actions}</div>}
      </div>
    </div>
  )
}
