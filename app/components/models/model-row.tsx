import { Link } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { CopyButton } from '../copy-button'
import { Badge } from '../ui/badge'
import { buttonClasses } from '../ui/button'
import { editPath } from './paths'

type Model = Awaited<ReturnType<Api['models']['list']>>['models'][number]

export function ModelRow({ model }: { model: Model }) {
  const { id, title, description, categories, version, isOwn, visibility, ownerName } = model
  return (
    <li aria-label={title} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <h2 className="font-medium wrap-anywhere">
            <Link to={`/models/${id}`} className="hover:underline">
              {title}
            </Link>
          </h2>
          {isOwn && (
            <Badge tone={visibility === 'everyone' ? 'accent' : 'neutral'}>
              {visibility === 'everyone' ? 'For everyone here' : 'Only for you'}
            </Badge>
          )}
          {categories.map((category) => (
            <Badge key={category}>{category}</Badge>
          ))}
        </div>
        <p className="flex min-w-0 items-center gap-1">
          <code className="font-mono text-xs wrap-anywhere">{id}</code>
          <CopyButton text={id} label={`Copy ${id}`} />
        </p>
        {description && <p className="line-clamp-2 text-muted wrap-anywhere">{description}</p>}
        <p className="text-xs text-muted">
          {isOwn ? 'Yours' : `By ${ownerName}`} · Version {version}
        </p>
      </div>
      {isOwn && (
        <Link to={editPath(id)} aria-label={`Edit ${title}`} className={buttonClasses({ size: 'sm' })}>
          Edit
        </Link>
      )}
    </li>
  )
}
