import { inMinutes } from '../../duration'
import type { Api } from '../trpc/router'
import { Fact } from './facts'
import { Badge } from './ui/badge'
import { RelativeTime } from './ui/relative-time'
import { useCounting } from './use-counting'

type Machine = Awaited<ReturnType<Api['machines']['list']>>[number]

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Which tokens a machine has, and which of them are not what is saved now. */
export function Holds({ machine: { tokens, missingTokens } }: { machine: Machine }) {
  if (!tokens.length && !missingTokens.length) return 'No tokens'
  return (
    <ul className="flex flex-wrap gap-1">
      {tokens.map(({ provider, label, outdated }) => (
        <li key={provider}>
          <Badge tone={outdated ? 'warning' : 'neutral'}>{outdated ? `${label}: older token` : label}</Badge>
        </li>
      ))}
      {missingTokens.map(({ provider, label }) => (
        <li key={provider}>
          <Badge tone="warning">{`${label}: none`}</Badge>
        </li>
      ))}
    </ul>
  )
}

/** How long a machine has run, and when it ends by itself. */
export function RunFacts({ machine }: { machine: Machine }) {
  const { ran } = machine
  const isRunning = machine.status === 'running'
  return (
    <>
      {ran && (
        <Fact name={isRunning ? 'Running for' : 'Ran for'}>
          <Ran ran={ran} isRunning={isRunning} />
        </Fact>
      )}
      {isRunning && (
        <Fact name="Stops">
          <Stops machine={machine} />
        </Fact>
      )}
    </>
  )
}

/** In all, and on GPUs. */
function Ran({ ran, isRunning }: { ran: NonNullable<Machine['ran']>; isRunning: boolean }) {
  const ms = useCounting(ran.ms, isRunning, MINUTE_MS)
  // A machine's size stays as it is, and so does its number of GPUs.
  const gpuMs = ran.ms ? (ran.gpuMs / ran.ms) * ms : 0
  return (
    <>
      {inMinutes(ms)}
      {gpuMs > 0 && ` · ${gpuHours(gpuMs)} GPU hours`}
    </>
  )
}

const gpuHours = (ms: number) => (ms / HOUR_MS).toFixed(ms < 10 * HOUR_MS ? 2 : 1)

function Stops({ machine: { stops } }: { machine: Machine }) {
  if (!stops) return 'when you stop it'
  return (
    <>
      <RelativeTime at={stops.at} isDue />
      {stops.reason === 'idle' && ' unless used'}
    </>
  )
}
