import type { ReactNode } from 'react'

interface PageTitleProps {
  title: ReactNode
  description?: ReactNode
  actions?: ReactNode
}

export function PageTitle({ title, description, actions }: PageTitleProps) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xl font-semibold wrap-anywhere">
          {title}
        </h1>
        {description && <p className="mt-1 max-w-prose text-pretty text-muted">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  )
}
