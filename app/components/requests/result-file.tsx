import { Download } from 'lucide-react'
import { formatBytes } from '../../../format-bytes'
import { buttonClasses } from '../ui/button'
import { Player } from '../ui/player'
import type { ResultFile as File, Request } from './stages'

/** What the server sends as what it is; it lets any other file be downloaded only. */
const PICTURE = /^image\/(png|jpeg|webp|gif|avif|bmp)$/

export const isPicture = ({ mediaType }: File) => PICTURE.test(mediaType)

export const fileUrl = ({ id }: Pick<Request, 'id'>, { position, name }: File) =>
  `/v1/requests/${id}/files/${position}/${encodeURIComponent(name)}`

/** A file that came out, shown where a browser can, and the way to take it along. */
export function ResultFile({ url, file }: { url: string; file: File }) {
  return (
    <li className="flex min-w-0 flex-col gap-2">
      <Shown url={url} file={file} />
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="min-w-0 text-xs text-muted wrap-anywhere">
          {file.name} · {formatBytes(file.bytes)}
        </span>
        <a
          href={`${url}?download=1`}
          download={file.name}
          aria-label={`Download ${file.name}`}
          className={buttonClasses({ size: 'sm' })}
        >
          <Download aria-hidden /> Download
        </a>
      </div>
    </li>
  )
}

function Shown({ url, file }: { url: string; file: File }) {
  const { name, mediaType } = file
  if (isPicture(file))
    return (
      <a href={url} target="_blank" rel="noreferrer" className="self-start rounded-md">
        <img src={url} alt={name} className="max-h-128 max-w-full rounded-md border bg-sunken" />
      </a>
    )
  const [type] = mediaType.split('/')
  if (type === 'video' || type === 'audio') return <Player type={type} url={url} label={name} />
  return null
}
