import type { Api } from '../trpc/router'
import { Badge } from './ui/badge'
import { RelativeTime } from './ui/relative-time'

type HeldToken = Awaited<ReturnType<Api['machines']['get']>>['tokens'][number]

/** Which tokens a machine was started with, and whether they are still the saved ones. */
export function HeldTokens({ tokens }: { tokens: HeldToken[] }) {
  if (!tokens.length)
    return (
      <p className="text-muted">
        None. Save one on your profile and relaunch: a machine that runs doesn't pick it up.
      </p>
    )
  return (
    <ul className="flex flex-col gap-2">
      {tokens.map((token) => (
        <li key={token.provider} className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">{token.label}</span>
          <code className="font-mono wrap-anywhere">{token.masked}</code>
          <span className="text-xs text-muted">
            taken <RelativeTime at={token.takenAt} />
          </span>
          {token.outdated && <Badge tone="warning">Changed since launch</Badge>}
        </li>
      ))}
    </ul>
  )
}
