import type { ServiceName } from '../db/schema'
import { type MachineKind, PROVIDERS, type ProviderId } from '../providers/registry'

/** The variables that one attempt hands to its services. Lives in this process's memory and the machine. */
export type Snapshot = { service: ServiceName; env: Record<string, string> }[]

interface SnapshotInput {
  kind: MachineKind
  machineName: string
  /** The services that this installation can start for the kind. */
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
 * absent, never empty: programs take an empty one for a token.
 */
export function buildSnapshot({ kind, machineName, services, tokens, endpoints }: SnapshotInput): Snapshot {
  const shared: Record<string, string> = { SLIPWAY_MACHINE_NAME: machineName }
  for (const { provider, value } of tokens)
    for (const variable of PROVIDERS[provider].variables[kind]) shared[variable] = value
  if (endpoints.huggingfaceEndpoint) shared.HF_ENDPOINT = endpoints.huggingfaceEndpoint
  if (endpoints.civitaiEndpoint) shared.CIVITAI_ENDPOINT = endpoints.civitaiEndpoint
  if (endpoints.downloadHosts.length) shared.DOWNLOAD_HOSTS = endpoints.downloadHosts.join(',')
  return services.map((service) => ({ service, env: { ...shared } }))
}
