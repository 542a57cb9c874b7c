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

/**
 * Checks one hop on the way to an issuer or its storage.
 * @param trustedHosts `host:port`, or `host` for any port, that the operator vouches for
 * @returns whether the operator vouches for it; if so its address may be private
 * @throws Refusal `host_not_allowed`
 */
export function checkHop(url: URL, provider: ProviderId, trustedHosts: string[]): { trusted: boolean } {
  const refuse = () =>
    new Refusal('host_not_allowed', `That address leads to ${url.host}, a host that downloads may not reach.`)
  if (url.username || url.password || !/^https?:$/.test(url.protocol)) throw refuse()
  if (trustedHosts.includes(url.hostname) || trustedHosts.includes(hostAndPort(url))) return { trusted: true }
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) && !isPublicAddress(literal)) throw refuse()
  const known = STORAGE[provider].some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))
  if (!known || url.protocol !== 'https:' || url.port) throw refuse()
  return { trusted: false }
}
