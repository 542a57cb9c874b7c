import { NavLink } from '@remix-run/react'
import clsx from 'clsx'

/** Also in the account menu. */
export const PROFILE_PAGES = [
  { to: '/profile', text: 'Profile' },
  { to: '/profile/sessions', text: 'Sessions' },
  { to: '/usage', text: 'Usage' },
  { to: '/profile/activity', text: 'Activity' },
]
export const ADMIN_PAGES = [
  { to: '/admin', text: 'Overview' },
  { to: '/admin/machines', text: 'Machines' },
  { to: '/admin/failed-launches', text: 'Failed launches' },
  { to: '/admin/workers', text: 'Workers' },
  { to: '/admin/users', text: 'Users' },
  { to: '/admin/usage', text: 'Usage' },
  { to: '/admin/audit', text: 'Audit log' },
  { to: '/admin/settings', text: 'Settings' },
]

export const ProfileNav = () => <SubNav label="Profile" tabs={PROFILE_PAGES} />
export const AdminNav = () => <SubNav label="Administration" tabs={ADMIN_PAGES} />

/** The pages of one area, above each of them. */
function SubNav({ label, tabs }: { label: string; tabs: { to: string; text: string }[] }) {
  return (
    <nav aria-label={label} className="-mt-2 flex flex-wrap gap-x-5 border-b">
      {tabs.map(({ to, text }) => (
        <NavLink
          key={to}
          to={to}
          // The first is the area itself, below which all the others lie.
          end={to === tabs[0]?.to}
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
