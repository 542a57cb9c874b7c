import { Link } from '@remix-run/react'
import { RelativeTime } from '../ui/relative-time'
import { RequestStatus } from './request-status'
import { fileUrl, isPicture } from './result-file'
import type { Request } from './stages'
import { took } from './took'

const THUMBNAILS_MAX = 4

/** One request of a list. */
export function RequestRow({ request }: { request: Request }) {
  const { id, modelId, error, createdAt, startedAt, endedAt } = request
  const pictures = request.files.filter(isPicture).slice(0, THUMBNAILS_MAX)
  return (
    <li className="relative flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-sunken">
      <Link to={`/requests/${id}`} className="font-medium wrap-anywhere after:absolute after:inset-0">
        {modelId}
      </Link>
      <RequestStatus request={request} />
      <span className="ml-auto text-xs text-muted">
        <RelativeTime at={createdAt} tabIndex={-1} />
        {startedAt && endedAt && ` · took ${took(startedAt, endedAt)}`}
      </span>
      {error && <p className="w-full text-danger wrap-anywhere">{error.message}</p>}
      {pictures.length > 0 && (
        <div className="flex w-full flex-wrap gap-2 pt-1">
          {pictures.map((file) => (
            <img
              key={file.position}
              src={fileUrl(request, file)}
              alt={file.name}
              loading="lazy"
              className="size-16 rounded-md border bg-sunken object-cover"
            />
          ))}
        </div>
      )}
    </li>
  )
}
