import { Form, NavLink } from '@remix-run/react'
import clsx from 'clsx'
import { ChevronDown, LogOut } from 'lucide-react'
import { useRef } from 'react'
import { PROFILE_PAGES } from '../sub-nav'
import { useDisclosure } from './use-disclosure'

export interface Account {
  name: string
  /** Null until one was chosen. */
  username: string | null
  isAdmin: boolean
}

const ROW = 'flex w-full items-center gap-2 rounded-sm px-2.5 py-2 text-left hover:bg-sunken'

/**
 * Who is signed in, their own pages, and the way out. A `<details>` of links, which opens without scripts and lets
 * each be opened in a tab of its own.
 */
export function AccountMenu({ name, username, isAdmin }: Account) {
  const menu = useRef<HTMLDetailsElement>(null)
  const onKeyDown = useDisclosure(menu)
  return (
    <details ref={menu} onKeyDown={onKeyDown} className="group relative">
      <summary className="flex h-9 list-none items-center gap-1.5 rounded-md pr-1 pl-1.5 hover:bg-sunken group-open:bg-sunken [&::-webkit-details-marker]:hidden">
        <span
          aria-hidden
          className="flex size-6 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
        >
          {initial(name)}
        </span>
        <span className="sr-only">Account of </span>
        <span className="max-w-32 truncate max-lg:sr-only">{name}</span>
        <ChevronDown aria-hidden className="size-4 text-muted" />
      </summary>
      <div className="absolute right-0 z-40 mt-1 w-60 rounded-md border bg-surface p-1 shadow-lg">
        <p className="mb-1 border-b px-2.5 py-2">
          <span className="block font-medium wrap-anywhere">{name}</span>
          <span className="block text-xs text-muted wrap-anywhere">{username ?? 'No username yet'}</span>
        </p>
        <nav aria-label="Account">
          {isAdmin && (
            <Page to="/admin" className="sm:hidden">
              Admin
            </Page>
          )}
          {PROFILE_PAGES.map(({ to, text }) => (
            <Page key={to} to={to}>
              {text}
            </Page>
          ))}
        </nav>
        <Form method="post" action="/sign-out" className="mt-1 border-t pt-1">
          <button type="submit" className={ROW}>
            <LogOut aria-hidden className="size-4 shrink-0" />
            Sign out
          </button>
        </Form>
      </div>
    </details>
  )
}

function Page({ to, className, children }: { to: string; className?: string; children: string }) {
  return (
    <NavLink
      to={to}
      end
      className={({ isActive }) => clsx(ROW, isActive && 'bg-sunken font-medium', className)}
    >
      {children}
    </NavLink>
  )
}

const initial = (name: string) => [...name.trim()][0]?.toUpperCase()
