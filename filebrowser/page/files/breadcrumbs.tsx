import { ChevronRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { folderHref } from '../use-location'
import { crumbsOf } from './folder-trail'

/** The way to this folder. Takes the focus when the folder changes, since the link that led here is gone. */
export function Breadcrumbs({ path }: { path: string }) {
  const current = useRef<HTMLSpanElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current !== path) current.current?.focus({ preventScroll: true })
    shown.current = path
  }, [path])
  const crumbs = crumbsOf(path)
  const last = crumbs.pop()
  return (
    <nav aria-label="Folder" className="-ml-1 min-w-0">
      <ol className="flex flex-wrap items-center gap-x-1 text-sm">
        {crumbs.map((crumb) => (
          <li key={crumb.path} className="flex min-w-0 items-center gap-1">
            <a
              href={folderHref(crumb.path)}
              className="rounded-sm px-1 py-0.5 text-accent wrap-anywhere hover:underline"
            >
              {crumb.label}
            </a>
            <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
          </li>
        ))}
        <li>
          <span
            ref={current}
            tabIndex={-1}
            aria-current="page"
            className="rounded-sm px-1 font-semibold wrap-anywhere"
          >
            {last?.label}
          </span>
        </li>
      </ol>
    </nav>
  )
}
