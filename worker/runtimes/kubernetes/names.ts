import { createHash } from 'node:crypto'
import type { ServiceName } from '../../../db/schema'

/** What tells an object of Slipway's in a namespace that others may use too. */
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  installation: 'slipway.dev/installation',
  machine: 'slipway.dev/machine',
  attempt: 'slipway.dev/attempt',
  workspace: 'slipway.dev/workspace',
  /** Tells people what asked for it, and Slipway nothing. */
  request: 'slipway.dev/request',
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

/** Of the attempt's Service, Secret and Pod alike; a DNS label whatever the ids are. */
export function nameOf({ installationId, machineId, attempt }: Owner): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([installationId, machineId]))
    .digest('hex')
  const readable = machineId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
  return ['slipway', readable, hash.slice(0, 10), attempt].join('-')
}

/** Where the Secret of an attempt has a variable of one of its services. */
export const secretKey = (service: ServiceName, variable: string) => `${service}.${variable}`

const selecting = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')

/** Whether labels, in whichever order the API gives them, are what `selecting` was asked for. */
export const isSelected = (labels: Record<string, string>, selector: string) => {
  const own = selecting(labels).split(',')
  return selector.split(',').every((label) => own.includes(label))
}

/** What can be the value of a label. */
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** @returns no label for an id that can't be one */
export const requestLabel = (requestId: string | undefined): Record<string, string> =>
  requestId !== undefined && LABEL_VALUE.test(requestId) ? { [LABEL.request]: requestId } : {}

export const ofInstallation = (installationId: string) =>
  selecting({ [LABEL.managedBy]: 'slipway', [LABEL.installation]: installationId })

export const ofAttempt = (owner: Owner) => selecting(labelsOf(owner))

export const ofMachine = (installationId: string, machineId: string) =>
  selecting({
    [LABEL.managedBy]: 'slipway',
    [LABEL.installation]: installationId,
    [LABEL.machine]: machineId,
  })
