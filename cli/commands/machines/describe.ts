import { KIND_LABELS } from '../../../providers/registry'
import { exactTime } from '../../../relative-time'
import type { ListedMachine, Machine } from '../../http/shapes'
import { facts } from '../../output/facts'

/** The page of a machine in the browser. */
export const pageOf = (server: string, id: string) => `${server}/machines/${encodeURIComponent(id)}`

/** What people read of one machine. */
export const describeMachine = (server: string, machine: Machine): string =>
  facts(
    ['Name', machine.name],
    ['Id', machine.id],
    ['Kind', KIND_LABELS[machine.kind]],
    ['Status', statusOf(machine)],
    ['Attempt', machine.attempt > 1 ? String(machine.attempt) : undefined],
    ['Size', sizeOf(machine)],
    ['Launched', exactTime(new Date(machine.createdAt))],
    ['Ends', machine.endsAt && exactTime(new Date(machine.endsAt))],
    ['Page', pageOf(server, machine.id)],
    ['Services', machine.services.map(({ name, url }) => `${name} ${url}`)],
    ['Tokens', machine.tokens.map(describeToken)],
    [
      'Missing',
      machine.missingTokens.map(({ label }) => `${label}: saved since the launch, relaunch to take it`),
    ],
    ['Error', machine.error && [machine.error.message, machine.error.cure]],
    ['Timeline', machine.events.map(({ at, text }) => `${exactTime(new Date(at))} ${text}`)],
  )

const describeToken = ({ label, masked, outdated }: Machine['tokens'][number]) =>
  `${label} ${masked}${outdated ? ', changed since the launch: relaunch to take the new one' : ''}`

const sizeOf = ({ size: { label, description, holds } }: ListedMachine) =>
  holds && description ? `${label}: ${description}` : label

const statusOf = ({ status, queue }: ListedMachine) => (queue ? `${status}: ${queue.message}` : status)

/** What somebody who looks at a list should see of a machine at once. */
export function noteOn({ status, queue, error, warning, tokens, missingTokens }: ListedMachine): string {
  const haveChanged = missingTokens.length > 0 || tokens.some(({ outdated }) => outdated)
  if (queue) return queue.message
  if (error) return error.message
  if (warning) return 'about to be stopped'
  return status === 'running' && haveChanged ? 'tokens outdated' : ''
}
