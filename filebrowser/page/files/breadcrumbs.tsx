import { ChevronRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { folderHref } from '../use-location'

/** The way to this folder. Takes the focus when the folder changes, since the link that led here is gone. */
export function Breadcrumbs({ path }: { path: string }) {
  const current = useRef<HTMLSpanElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current !== path) current.current?.focus({ preventScroll: true })
    shown.current = path
  }, [path])
  const parts = path === '' ? [] : path.split('/')
  const crumbs = ['All files', ...parts].map((label, depth) => ({
    label,
    path: parts.slice(0, depth).join('/'),
  }))
  const last = crumbs.pop()
  return (
    <nav aria-label="Folder" className="-ml-1 min-w-0">
      <ol className="flex flex-wrap items-center gap-x-1 text-sm">
        {crumbs.map(({ label, path: target }) => (
          <li key={target} className="flex items-center gap-1">
            <a
              href={folderHref(target)}
              className="rounded-sm px-1 py-0.5 text-accent wrap-anywhere hover:underline"
            >
              {label}
            </a>
            <ChevronRight aria-hidden className="size-4 text-muted" />
          </li>
        ))}
        <li>
          <span ref={current} tabIndex={-1} aria-current="page" className="px-1 font-semibold wrap-anywhere">
            {last?.label}
          </span>
        </li>
      </ol>
    </nav>
  )
}
