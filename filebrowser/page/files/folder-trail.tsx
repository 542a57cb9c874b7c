import { ChevronRight } from 'lucide-react'
import { visibleName } from './visible-name'

/** The folders above a path, outermost first, and the path's own; `''` is the workspace. */
export function crumbsOf(path: string): { label: string; path: string }[] {
  const parts = path === '' ? [] : path.split('/')
  return ['All files', ...parts].map((label, depth) => ({
    label: visibleName(label),
    path: parts.slice(0, depth).join('/'),
  }))
}

interface FolderTrailProps {
  path: string
  label: string
  onGo: (path: string) => void
}

/** The way to a folder inside a dialog, where no address changes. */
export function FolderTrail({ path, label, onGo }: FolderTrailProps) {
  const crumbs = crumbsOf(path)
  const last = crumbs.pop()
  return (
    <nav aria-label={label}>
      <ol className="flex flex-wrap items-center gap-x-1">
        {crumbs.map((crumb) => (
          <li key={crumb.path} className="flex min-w-0 items-center gap-1">
            <button
              type="button"
              onClick={() => onGo(crumb.path)}
              className="rounded-sm px-1 py-0.5 text-left text-accent wrap-anywhere hover:underline"
            >
              {crumb.label}
            </button>
            <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
          </li>
        ))}
        <li aria-current="page" className="px-1 font-semibold wrap-anywhere">
          {last?.label}
        </li>
      </ol>
    </nav>
  )
}
