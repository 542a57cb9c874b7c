import { Link } from '@remix-run/react'
import { RotateCw } from 'lucide-react'
import { Badge, type Tone } from '../ui/badge'
import { Spinner } from '../ui/progress'
import { IntentForm } from './intent'
import type { Token } from './row'
import { Busy } from './token-form'

type Holder = Token['holders'][number]

const isStale = ({ holds }: Holder) => holds === 'older' || holds === 'none'

/** The sessions that hold the token, an older one or none, or are on their way to it, and a way to hand them what is saved now. */
export function Holders({ token, mayRelaunch }: { token: Token; mayRelaunch: boolean }) {
  const { provider, saved } = token
  const shown = token.holders.filter(({ holds }) => saved || holds === 'older')
  if (!shown.length) return null
  const stale = shown.filter(isStale)
  return (
    <div className="flex flex-col gap-2 rounded-md border p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h4 className="text-sm font-medium">Sessions</h4>
        {mayRelaunch && stale.length > 1 && (
          <IntentForm intent="relaunch-all" provider={provider} size="sm" busy={<Busy>Relaunching…</Busy>}>
            <RotateCw aria-hidden /> Relaunch all {stale.length}
          </IntentForm>
        )}
      </div>
      <ul className="flex flex-col gap-2">
        {shown.map((holder) => (
          <li key={holder.machineId} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Link to={`/machines/${holder.machineId}`} className="min-w-0 wrap-anywhere hover:underline">
              {holder.name}
            </Link>
            <Holding holder={holder} saved={saved} />
            {mayRelaunch && isStale(holder) && (
              <span className="ml-auto">
                <IntentForm
                  intent="relaunch"
                  provider={provider}
                  id={holder.machineId}
                  size="sm"
                  aria-label={`Relaunch ${holder.name}`}
                >
                  <RotateCw aria-hidden /> Relaunch
                </IntentForm>
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Holding({ holder: { holds }, saved }: { holder: Holder; saved: boolean }) {
  const words: Record<Holder['holds'], [Tone, string]> = {
    present: ['success', 'Has this token'],
    older: ['warning', saved ? 'Has an older token' : 'Has the cleared token'],
    none: ['neutral', 'Launched without a token'],
    soon: ['accent', 'Being launched'],
  }
  const [tone, word] = words[holds]
  return (
    <Badge tone={tone}>
      {holds === 'soon' && <Spinner />}
      {word}
    </Badge>
  )
}
