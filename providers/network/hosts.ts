import { isIP } from 'node:net'
import { hostAndPort } from '../issuers'
import { Refusal } from '../refusal'
import type { ProviderId } from '../registry'
import { isPublicAddress } from './addresses'

/** Where each issuer keeps its files: these hosts and those below them, by https on its own port. */
const STORAGE: Record<ProviderId, string[]> = {
  huggingface: ['huggingface.co', 'hf.co'],
  civitai: ['civitai.com', 'civitai.red', 'r2.cloudflarestorage.com', 'backblazeb2.com'],
}

/** The hosts that know an issuer's tokens; nothing below them, nothing beside them. */
const TOKEN_HOSTS: Record<ProviderId, string[]> = {
  huggingface: ['huggingface.co', 'www.huggingface.co', 'hf.co'],
  civitai: ['civitai.com', 'www.civitai.com', 'civitai.red', 'www.civitai.red'],
}

/** Whether the operator vouches for the host of an address. */
export const isTrusted = (url: URL, trustedHosts: string[]) =>
  trustedHosts.includes(url.hostname) || trustedHosts.includes(hostAndPort(url))

/** Whether a request that begins here may carry the provider's token: its own hosts by https, or the operator's. */
export const mayHoldToken = (url: URL, provider: ProviderId | null, trustedHosts: string[]): boolean =>
  provider !== null && (isTrusted(url, trustedHosts) || isTokenHost(url, provider))

/**
 * Whether a redirect leads from one of a provider's own hosts to another one of the same; what only the operator
 * vouches for is none of them.
 */
export const mayPassToken = (from: URL, to: URL, provider: ProviderId | null): boolean =>
  from.origin === to.origin || (provider !== null && [from, to].every((url) => isTokenHost(url, provider)))

const isTokenHost = ({ protocol, port, hostname }: URL, provider: ProviderId) =>
  protocol === 'https:' && port === '' && TOKEN_HOSTS[provider].includes(hostname)

/**
 * Checks one hop on the way to an issuer or its storage.
 * @param provider null: only what the operator vouches for
 * @param trustedHosts `host:port`, or `host` for any port, that the operator vouches for
 * @param anyPublicHost whether every host of the public internet may be reached, by https on its own port
 * @returns whether the operator vouches for it; if so its address may be private
 * @throws Refusal `host_not_allowed`
 */
export function checkHop(
  url: URL,
  provider: ProviderId | null,
  trustedHosts: string[],
  anyPublicHost = false,
): { trusted: boolean } {
  const refuse = () =>
    new Refusal('host_not_allowed', `That address leads to ${url.host}, a host that downloads may not reach.`)
  if (url.username || url.password || !/^https?:$/.test(url.protocol)) throw refuse()
  if (isTrusted(url, trustedHosts)) return { trusted: true }
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) && !isPublicAddress(literal)) throw refuse()
  const known = (provider ? STORAGE[provider] : []).some(
    (host) => url.hostname === host || url.hostname.endsWith(`.${host}`),
  )
  if (!(known || anyPublicHost)) throw refuse()
  if (url.protocol !== 'https:' || url.port)
    throw new Refusal(
      'host_not_allowed',
      `That address leads to ${url.host}, which downloads reach by https on its usual port alone.`,
    )
  return { trusted: false }
}
