import { SERVICES_OF, type ServiceName } from '../db/schema'
import { type MachineKind, PROVIDERS, type ProviderId, providersOf } from '../providers/registry'

/** The variables that one attempt hands to its services. Lives in this process's memory and the machine. */
export type Snapshot = { service: ServiceName; env: Record<string, string> }[]

interface SnapshotInput {
  kind: MachineKind
  machineName: string
  /** The services that this installation can start. */
  services: readonly ServiceName[]
  tokens: readonly { provider: ProviderId; value: string }[]
  endpoints: {
    huggingfaceEndpoint: string | undefined
    civitaiEndpoint: string | undefined
    downloadHosts: readonly string[]
  }
}

/**
 * Everything that a service gets from Slipway, and nothing else. Without a saved token its variables are
 * absent, never empty: programs take an empty one for a token. A kind that never gets a provider's token
 * hears nothing of the provider at all.
 * @returns nothing at all when this installation can start none of the kind's services
 */
export function buildSnapshot({ kind, machineName, services, tokens, endpoints }: SnapshotInput): Snapshot {
  const shared: Record<string, string> = { SLIPWAY_MACHINE_NAME: machineName }
  for (const { provider, value } of tokens)
    for (const variable of PROVIDERS[provider].variables[kind]) shared[variable] = value
  const gets = (provider: ProviderId) => providersOf(kind).includes(provider)
  if (endpoints.huggingfaceEndpoint && gets('huggingface')) shared.HF_ENDPOINT = endpoints.huggingfaceEndpoint
  if (endpoints.civitaiEndpoint && gets('civitai')) shared.CIVITAI_ENDPOINT = endpoints.civitaiEndpoint
  if (endpoints.downloadHosts.length) shared.DOWNLOAD_HOSTS = endpoints.downloadHosts.join(',')
  return SERVICES_OF[kind]
    .filter((service) => services.includes(service))
    .map((service) => ({ service, env: { ...shared } }))
}
