import clsx from 'clsx'
import { ArrowDownToLine, FolderOpen, KeyRound, type LucideIcon } from 'lucide-react'
import { type ReactNode, useSyncExternalStore } from 'react'
import { type Progress, percent } from '../downloads/progress'
import { uploadProgress } from '../uploads/upload-progress'
import { uploads } from '../uploads/uploads'
import { DOWNLOADS_HREF, folderHref, type Place, SESSION_HREF } from '../use-location'

interface NavigationProps {
  place: Place
  /** Where the files were left. */
  folder: string
  progress: Progress
}

export function Navigation({ place: { view }, folder, progress: { active, share } }: NavigationProps) {
  return (
    <nav aria-label="Main" className="-mb-px flex gap-1">
      <Tab href={DOWNLOADS_HREF} icon={ArrowDownToLine} isCurrent={view === 'downloads'}>
        Downloads
        {active > 0 && (
          <Badge>
            {active}
            <span className="sr-only"> running</span>
            {share !== undefined && <span className="max-sm:sr-only"> · {percent(share)}</span>}
          </Badge>
        )}
      </Tab>
      <Tab href={folderHref(folder)} icon={FolderOpen} isCurrent={view === 'files'}>
        Files
        <UploadsBadge />
      </Tab>
      <Tab href={SESSION_HREF} icon={KeyRound} isCurrent={view === 'session'}>
        Session
      </Tab>
    </nav>
  )
}

/** How far the uploads are, which go on while another view is looked at. */
function UploadsBadge() {
  const { open, isStuck, share } = uploadProgress(useSyncExternalStore(uploads.subscribe, uploads.read))
  if (open === 0) return null
  if (isStuck)
    return (
      <Badge isBad>
        {open}
        <span className="max-sm:sr-only"> not uploaded</span>
      </Badge>
    )
  return (
    <Badge>
      <span className="max-sm:sr-only">Uploading </span>
      {open}
      <span className="max-sm:sr-only"> · {percent(share)}</span>
    </Badge>
  )
}

function Badge({ isBad = false, children }: { isBad?: boolean; children: ReactNode }) {
  return (
    <span
      className={clsx(
        'rounded-full px-1.5 text-xs font-medium tabular-nums',
        isBad ? 'bg-danger-soft text-danger' : 'bg-accent-soft text-accent',
      )}
    >
      {children}
    </span>
  )
}

interface TabProps {
  href: string
  icon: LucideIcon
  isCurrent: boolean
  children: ReactNode
}

function Tab({ href, icon: Icon, isCurrent, children }: TabProps) {
  return (
    <a
      href={href}
      aria-current={isCurrent ? 'page' : undefined}
      className={clsx(
        'inline-flex items-center gap-2 rounded-t-md border-b-2 px-2.5 py-2.5 whitespace-nowrap hover:text-text sm:px-3',
        isCurrent ? 'border-accent font-medium' : 'border-transparent text-muted',
      )}
    >
      <Icon aria-hidden className="size-4 max-sm:hidden" />
      {children}
    </a>
  )
}
