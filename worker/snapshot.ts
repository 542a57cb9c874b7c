import { SERVICES_OF, type ServiceName } from '../db/schema'
import { type MachineKind, PROVIDERS, type ProviderId, providersOf } from '../providers/registry'

/** The variables that one attempt hands to its services. Lives in this process's memory and the machine. */
export type Snapshot = { service: ServiceName; env: Record<string, string> }[]

/** What services are told of the settings of the same names. */
export interface ServiceSettings {
  publicUrl: string
  huggingfaceEndpoint: string | undefined
  civitaiEndpoint: string | undefined
  downloadHosts: readonly string[]
  downloadsAtOnce: number | undefined
}

interface SnapshotInput {
  machine: { id: string; name: string; kind: MachineKind }
  /** The services that this installation can start. */
  services: readonly ServiceName[]
  tokens: readonly { provider: ProviderId; value: string }[]
  /** When this attempt took them, in milliseconds since 1970. */
  takenAt: number
  settings: ServiceSettings
}

/**
 * Everything that a service gets from Slipway, and nothing else. Without a saved token its variables are
 * absent, never empty: programs take an empty one for a token. A kind that never gets a provider's token
 * hears nothing of the provider at all.
 * @returns nothing at all when this installation can start none of the kind's services
 */
export function buildSnapshot({ machine, services, tokens, takenAt, settings }: SnapshotInput): Snapshot {
  const { kind } = machine
  const shared: Record<string, string> = { SLIPWAY_MACHINE_NAME: machine.name }
  for (const { provider, value } of tokens)
    for (const variable of PROVIDERS[provider].variables[kind]) shared[variable] = value
  const gets = (provider: ProviderId) => providersOf(kind).includes(provider)
  if (settings.huggingfaceEndpoint && gets('huggingface')) shared.HF_ENDPOINT = settings.huggingfaceEndpoint
  if (settings.civitaiEndpoint && gets('civitai')) shared.CIVITAI_ENDPOINT = settings.civitaiEndpoint
  if (settings.downloadHosts.length) shared.DOWNLOAD_HOSTS = settings.downloadHosts.join(',')
  const own: Partial<Record<ServiceName, Record<string, string>>> = {
    filebrowser: {
      SLIPWAY_MACHINE_URL: machineUrl(settings.publicUrl, machine.id),
      ...(tokens.length && { SLIPWAY_SNAPSHOT_AT: new Date(takenAt).toISOString() }),
      ...(settings.downloadsAtOnce && { DOWNLOADS_AT_ONCE: String(settings.downloadsAtOnce) }),
    },
  }
  return SERVICES_OF[kind]
    .filter((service) => services.includes(service))
    .map((service) => ({ service, env: { ...shared, ...own[service] } }))
}

const machineUrl = (publicUrl: string, machineId: string) => `${publicUrl}/machines/${machineId}`
