import { Link } from '@remix-run/react'
import { Pencil, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
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
        <ModeLink to={`?edit=${token.provider}`} label={`Replace the ${token.label} token`}>
          <Pencil aria-hidden />
        </ModeLink>
        <ModeLink to={`?clear=${token.provider}`} label={`Clear the ${token.label} token`}>
          <Trash2 aria-hidden />
        </ModeLink>
      </span>
    </div>
  )
}

function ModeLink({ to, label, children }: { to: string; label: string; children: ReactNode }) {
  return (
    <Link
      to={to}
      replace
      preventScrollReset
      aria-label={label}
      title={label}
      className={`${buttonClasses({ variant: 'ghost', size: 'sm' })} w-8 px-0!`}
    >
      {children}
    </Link>
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
