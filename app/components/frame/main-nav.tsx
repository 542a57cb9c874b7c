import { NavLink } from '@remix-run/react'
import clsx from 'clsx'

const AREAS = [
  { to: '/machines', text: 'Machines' },
  { to: '/models', text: 'Models' },
  { to: '/requests', text: 'Requests' },
  { to: '/saves', text: 'Saves' },
  { to: '/trainer', text: 'Trainer' },
]

/** The areas of Slipway. What is about oneself is in the account menu, and on phones Admin is there too. */
export function MainNav({ isAdmin }: { isAdmin: boolean }) {
  return (
    <nav
      aria-label="Main"
      className="order-last -mx-1.5 mt-1 flex w-full justify-between sm:order-none sm:mx-0 sm:mt-0 sm:w-auto sm:justify-start lg:gap-1"
    >
      {AREAS.map(({ to, text }) => (
        <Tab key={to} to={to}>
          {text}
        </Tab>
      ))}
      {isAdmin && (
        <Tab to="/admin" className="max-sm:hidden">
          Admin
        </Tab>
      )}
    </nav>
  )
}

function Tab({ to, className, children }: { to: string; className?: string; children: string }) {
  return (
    <NavLink
      to={to}
      className={({ isActive }) =>
        clsx(
          'rounded-md px-1.5 py-1.5 font-medium hover:bg-sunken sm:px-2 lg:px-2.5',
          isActive ? 'bg-sunken text-text' : 'text-muted hover:text-text',
          className,
        )
      }
    >
      {children}
    </NavLink>
  )
}
