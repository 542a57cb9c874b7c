import type { MachineDetails, MachineSummary } from '../../db/machines'
import { launchError, retryMayHelp } from '../../launch-errors'
import { PROVIDERS } from '../../providers/registry'
import { mask } from '../../providers/token-format'
import type { Services } from './context'
import { iso } from './iso'

/** A machine as its owner sees it: no addresses, no fingerprints, dates as ISO strings. */
export function machineView(machine: MachineSummary, serviceUrl: Services['serviceUrl']) {
  const { id, kind, name, status, attempt, error } = machine
  return {
    id,
    kind,
    name,
    status,
    attempt,
    error: error && errorView(error),
    createdAt: iso(machine.createdAt),
    updatedAt: iso(machine.updatedAt),
    services: machine.services.map((service) => ({ name: service.name, url: serviceUrl(id, service.name) })),
    tokens: machine.tokens.map(({ provider, visible, takenAt, outdated }) => ({
      provider,
      label: PROVIDERS[provider].label,
      masked: mask(visible),
      takenAt: iso(takenAt),
      outdated,
    })),
    /** Saved since the launch, so this machine doesn't hold them. */
    missingTokens: machine.missingTokens.map((provider) => ({ provider, label: PROVIDERS[provider].label })),
  }
}

/** What went wrong, what its owner can do about it, and whether trying again can help as things are. */
const errorView = (error: NonNullable<MachineDetails['error']>) => ({
  ...error,
  group: launchError(error.class).group,
  cure: launchError(error.class).cure,
  retryMayHelp: retryMayHelp(error.class),
})

export const timelineView = (events: MachineDetails['events']) =>
  events.map(({ id, at, text }) => ({ id, at: iso(at), text }))
