import { Link } from '@remix-run/react'
import clsx from 'clsx'
import type { Log } from './use-log'

export const SERVICE_NAMES = { comfyui: 'ComfyUI', filebrowser: 'File manager', trainer: 'Trainer' }

interface LogTabsProps {
  log: Log
  link(changes: Record<string, string | undefined>): string
}

/** Which service's log to show, and of which attempt when there were several. */
export function LogTabs({ log, link }: LogTabsProps) {
  const attempts = log.attempts.length > 1 ? log.attempts : []
  return (
    <nav aria-label="Logs" className="flex flex-wrap gap-x-4 gap-y-1">
      {log.services.map((service) => (
        <Tab
          key={service}
          to={link({ log: service, attempt: undefined })}
          isCurrent={service === log.service}
        >
          {SERVICE_NAMES[service]}
        </Tab>
      ))}
      {attempts.map((attempt) => (
        <Tab key={attempt} to={link({ attempt: String(attempt) })} isCurrent={attempt === log.attempt}>
          Attempt {attempt}
        </Tab>
      ))}
    </nav>
  )
}

function Tab({ to, isCurrent, children }: { to: string; isCurrent: boolean; children: React.ReactNode }) {
  return (
    <Link
      to={to}
      preventScrollReset
      aria-current={isCurrent || undefined}
      className={clsx(
        '-mb-px border-b-2 px-0.5 py-2 font-medium',
        isCurrent ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text',
      )}
    >
      {children}
    </Link>
  )
}
