import type { ServiceName } from '../../../db/schema'

/** What tells an object of Slipway's on an Engine that others use too. */
export const LABEL = {
  managedBy: 'slipway.managed-by',
  installation: 'slipway.installation',
  machine: 'slipway.machine',
  attempt: 'slipway.attempt',
  service: 'slipway.service',
  /** Tells people what asked for it, and Slipway nothing. */
  request: 'slipway.request',
} as const

export interface Owner {
  installationId: string
  machineId: string
  attempt: number
}

export const labelsOf = ({ installationId, machineId, attempt }: Owner): Record<string, string> => ({
  [LABEL.managedBy]: 'slipway',
  [LABEL.installation]: installationId,
  [LABEL.machine]: machineId,
  [LABEL.attempt]: String(attempt),
})

export const serviceLabels = (owner: Owner, service: ServiceName) => ({
  ...labelsOf(owner),
  [LABEL.service]: service,
})

export const nameOf = ({ installationId, machineId, attempt }: Owner, service?: ServiceName): string =>
  ['slipway', installationId, machineId, attempt, ...(service ? [service] : [])].join('-')

/** A filter of the Engine's lists: everything with all of these labels. */
export const having = (labels: Record<string, string>) => ({
  filters: { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) },
})

export const ofInstallation = (installationId: string) =>
  having({ [LABEL.managedBy]: 'slipway', [LABEL.installation]: installationId })

export const ofMachine = (installationId: string, machineId: string) =>
  having({
    [LABEL.managedBy]: 'slipway',
    [LABEL.installation]: installationId,
    [LABEL.machine]: machineId,
  })
