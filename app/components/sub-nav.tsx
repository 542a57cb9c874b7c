import { NavLink } from '@remix-run/react'
import clsx from 'clsx'

const PROFILE = [
  { to: '/profile', text: 'Profile' },
  { to: '/profile/sessions', text: 'Sessions' },
  { to: '/profile/activity', text: 'Activity' },
]
const ADMIN = [
  { to: '/admin/failed-launches', text: 'Failed launches' },
  { to: '/admin/workers', text: 'Workers' },
  { to: '/admin/users', text: 'Users' },
  { to: '/admin/audit', text: 'Audit log' },
]

export const ProfileNav = () => <SubNav label="Profile" tabs={PROFILE} />
export const AdminNav = () => <SubNav label="Administration" tabs={ADMIN} />

/** The pages of one area, above each of them. */
function SubNav({ label, tabs }: { label: string; tabs: { to: string; text: string }[] }) {
  return (
    <nav aria-label={label} className="-mt-2 flex flex-wrap gap-x-5 border-b">
      {tabs.map(({ to, text }) => (
        <NavLink
          key={to}
          to={to}
          end
          className={({ isActive }) =>
            clsx(
              '-mb-px border-b-2 px-0.5 py-2 font-medium',
              isActive ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text',
            )
          }
        >
          {text}
        </NavLink>
      ))}
    </nav>
  )
}
