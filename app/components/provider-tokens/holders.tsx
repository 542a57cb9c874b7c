import { Link } from '@remix-run/react'
import { RotateCw } from 'lucide-react'
import { ModeLink } from '../mode-link'
import { Badge, type Tone } from '../ui/badge'
import { Spinner } from '../ui/progress'
import { RelaunchQuestion } from './relaunch-question'
import type { Token } from './row'

type Holder = Token['holders'][number]

const isStale = ({ holds }: Holder) => holds === 'older' || holds === 'none'

interface HoldersProps {
  token: Token
  mayRelaunch: boolean
  /** Which session it is asked about, or all of them. */
  relaunching: string | undefined
}

/** What `relaunching` is when it is asked about all. */
const ALL = 'all'

/** The sessions that hold the token, an older one or none, or are on their way to it, and a way to hand them what is saved now. */
export function Holders({ token, mayRelaunch, relaunching }: HoldersProps) {
  const { provider, saved } = token
  const shown = token.holders.filter(({ holds }) => saved || holds === 'older')
  if (!shown.length) return null
  const stale = shown.filter(isStale)
  return (
    <div className="flex flex-col gap-2 rounded-md border p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h4 className="text-sm font-medium">Sessions</h4>
        {mayRelaunch && stale.length > 1 && (
          <ModeLink to={`?relaunch=${provider}&machine=${ALL}`}>
            <RotateCw aria-hidden /> Relaunch all {stale.length}
          </ModeLink>
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
                <ModeLink
                  to={`?relaunch=${provider}&machine=${holder.machineId}`}
                  label={`Relaunch ${holder.name}`}
                >
                  <RotateCw aria-hidden /> Relaunch
                </ModeLink>
              </span>
            )}
          </li>
        ))}
      </ul>
      {mayRelaunch && relaunching !== undefined && (
        <RelaunchQuestion
          key={relaunching}
          provider={provider}
          sessions={stale.filter(({ machineId }) => relaunching === ALL || relaunching === machineId)}
        />
      )}
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
