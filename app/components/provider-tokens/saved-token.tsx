import { Link } from '@remix-run/react'
import { Pencil, Trash2 } from 'lucide-react'
import { ModeLink } from '../mode-link'
import { buttonClasses } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'
import type { Token } from './row'

/** The mask, with ways to replace and to clear what is saved. */
export function SavedToken({ token }: { token: Token }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <code className="font-mono wrap-anywhere">{token.masked}</code>
      {token.updatedAt && (
        <span className="text-xs text-muted">
          saved <RelativeTime at={token.updatedAt} />
        </span>
      )}
      <span className="ml-auto flex gap-1">
        <ModeLink isIcon to={`?edit=${token.provider}`} label={`Replace the ${token.label} token`}>
          <Pencil aria-hidden />
        </ModeLink>
        <ModeLink isIcon to={`?clear=${token.provider}`} label={`Clear the ${token.label} token`}>
          <Trash2 aria-hidden />
        </ModeLink>
      </span>
    </div>
  )
}

/** Back to the row as it is. */
export function Cancel({ linkRef, children }: { linkRef?: React.Ref<HTMLAnchorElement>; children: string }) {
  return (
    <Link ref={linkRef} to="." replace preventScrollReset className={buttonClasses()}>
      {children}
    </Link>
  )
}
