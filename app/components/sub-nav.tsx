import { Link, useLocation } from '@remix-run/react'
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
  const { pathname } = useLocation()
  const [first, ...others] = tabs
  // The first is the area itself, and has what lies below it and below none of the others.
  const current = others.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`)) ?? first
  return (
    <nav aria-label={label} className="-mt-2 flex flex-wrap gap-x-5 border-b">
      {tabs.map((tab) => (
        <Link
          key={tab.to}
          to={tab.to}
          aria-current={tab === current ? 'page' : undefined}
          className={clsx(
            '-mb-px border-b-2 px-0.5 py-2 font-medium',
            tab === current ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text',
          )}
        >
          {tab.text}
        </Link>
      ))}
    </nav>
  )
}
