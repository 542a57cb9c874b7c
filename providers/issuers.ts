import { createNetwork, type Network } from './network/network'
import type { ProviderId } from './registry'

export interface IssuerSettings {
  /** Base URL without a trailing slash. */
  huggingfaceEndpoint: string
  /** Absent: whichever of Civitai's own hosts an address names. */
  civitaiEndpoint: string | undefined
  /** Hosts (`host` or `host:port`) that the operator vouches for: private addresses and plain http included. */
  trustedHosts: string[]
}

/** @param given what the operator set; an endpoint that is set is vouched for */
export function issuerSettings(given: {
  huggingfaceEndpoint: string | undefined
  civitaiEndpoint: string | undefined
  downloadHosts: readonly string[]
}): IssuerSettings {
  const endpoints = [given.huggingfaceEndpoint, given.civitaiEndpoint].filter((url) => url !== undefined)
  return {
    huggingfaceEndpoint: given.huggingfaceEndpoint ?? 'https://huggingface.co',
    civitaiEndpoint: given.civitaiEndpoint,
    trustedHosts: [...given.downloadHosts, ...endpoints.map((url) => hostAndPort(new URL(url)))],
  }
}

/** `host:port`, with the scheme's own port when the URL names none. */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
}

/** The base URL of the API that knows a provider's tokens. */
export const apiOf = (provider: ProviderId, settings: IssuerSettings): string =>
  provider === 'huggingface'
    ? settings.huggingfaceEndpoint
    : (settings.civitaiEndpoint ?? 'https://civitai.com')

/** How this server, web or worker, reaches the issuers to ask about tokens and models. */
export interface Issuers {
  settings: IssuerSettings
  network: Network
}

export function openIssuers(settings: IssuerSettings): Issuers {
  const { trustedHosts } = settings
  return {
    settings,
    network: createNetwork({ trustedHosts, userAgent: 'slipway/0.1', here: 'This server' }),
  }
}
