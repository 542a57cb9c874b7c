import { isAbsolute } from 'node:path'
import * as z from 'zod'
import { downloadsAtOnce, endpoint, hostList, parseEnvironment } from '~/parse-environment'
import { type IssuerSettings, issuerSettings } from '~/providers/issuers'
import { PROVIDER_IDS, PROVIDERS, type ProviderId } from '~/providers/registry'

const schema = z.object({
  PORT: z.coerce.number('must be a port number').int().min(0).max(65_535),
  HOST: z.string().default('127.0.0.1'),
  SERVED_AS: z.string().optional(),
  WORKSPACE: z.string('must be set').refine(isAbsolute, 'must be an absolute path'),
  SLIPWAY_MACHINE_NAME: z.string().default('machine'),
  SLIPWAY_MACHINE_URL: z.url({ protocol: /^https?$/ }).optional(),
  SLIPWAY_SNAPSHOT_AT: z.iso.datetime().optional(),
  HF_ENDPOINT: endpoint.optional(),
  CIVITAI_ENDPOINT: endpoint.optional(),
  DOWNLOAD_HOSTS: hostList.default([]),
  DOWNLOADS_AT_ONCE: downloadsAtOnce.default(3),
})

export interface FilebrowserSettings {
  port: number
  host: string
  /** The host name or address that Slipway asks it under, where that is none of loopback. */
  servedAs: string | undefined
  /** Absolute path of the folder that everything stays in. */
  workspace: string
  machineName: string
  /** The machine's own page at Slipway. */
  machineUrl: string | undefined
  /** The tokens that this session was launched with. */
  tokens: Partial<Record<ProviderId, string>>
  /** ISO; when this session got them: at its launch, or, where nobody says, now. */
  tokensTakenAt: string
  issuers: IssuerSettings
  /** As the operator wrote them. */
  downloadHosts: string[]
  downloadsAtOnce: number
}

/**
 * @param source usually `process.env`; a blank value counts as absent
 * @throws SettingsError that lists every faulty setting, one a line
 */
export function parseSettings(source: Record<string, string | undefined>): FilebrowserSettings {
  const env = parseEnvironment(schema, source)
  return {
    port: env.PORT,
    host: env.HOST,
    servedAs: env.SERVED_AS,
    workspace: env.WORKSPACE,
    machineName: env.SLIPWAY_MACHINE_NAME,
    machineUrl: env.SLIPWAY_MACHINE_URL,
    tokensTakenAt: env.SLIPWAY_SNAPSHOT_AT ?? new Date().toISOString(),
    downloadHosts: env.DOWNLOAD_HOSTS,
    downloadsAtOnce: env.DOWNLOADS_AT_ONCE,
    tokens: Object.fromEntries(PROVIDER_IDS.flatMap((provider) => readToken(provider, source))),
    issuers: issuerSettings({
      huggingfaceEndpoint: env.HF_ENDPOINT,
      civitaiEndpoint: env.CIVITAI_ENDPOINT,
      downloadHosts: env.DOWNLOAD_HOSTS,
    }),
  }
}

/** The first variable that is set wins: RunComfy's own name, then the names that other tools read. */
function readToken(provider: ProviderId, source: Record<string, string | undefined>) {
  const names = new Set<string>(Object.values(PROVIDERS[provider].variables).flat())
  const value = [...names].map((name) => source[name]?.trim()).find(Boolean)
  return value ? [[provider, value] as const] : []
}
