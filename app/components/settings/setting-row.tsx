import type { Api } from '../../trpc/router'
import { Badge } from '../ui/badge'
import { inCode } from './in-code'

export type SettingInForce = Awaited<ReturnType<Api['admin']['settings']>>['settings'][number]

const SOURCES = { environment: 'Environment', '.env': '.env', 'npm start': 'npm start' }

/** What a setting is for, what it says, and where that was written. */
export function SettingRow({ setting }: { setting: SettingInForce }) {
  const { name, description, takes, from } = setting
  return (
    <li className="grid gap-x-6 gap-y-1 px-4 py-3 md:grid-cols-2" aria-label={name}>
      <div className="min-w-0">
        <h3 className="font-mono text-sm font-medium wrap-anywhere">{name}</h3>
        <p className="text-sm text-muted">
          {inCode(description)} Takes {inCode(takes)}.
        </p>
      </div>
      <div className="flex min-w-0 flex-wrap items-start justify-between gap-x-3 gap-y-1">
        <p className="min-w-0 flex-1 wrap-anywhere">
          <Value setting={setting} />
        </p>
        <Badge tone={from ? 'accent' : undefined}>{from ? SOURCES[from] : 'Default'}</Badge>
      </div>
    </li>
  )
}

function Value({ setting: { value, from, fallback } }: { setting: SettingInForce }) {
  if (value !== null) return <code className="font-mono text-sm">{value}</code>
  if (from) return 'Set, and not shown'
  return <span className="text-muted">{fallback === null ? 'Not set' : inCode(fallback)}</span>
}
