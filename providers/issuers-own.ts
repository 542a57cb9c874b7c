import { readJson } from './network/body'
import type { Answer } from './network/network'
import { PROVIDERS, type ProviderId } from './registry'

/**
 * Whether a 401 is the issuer's own, as far as that can be told, or that of a proxy on the way which wants a
 * sign-in for itself: a proxy sends a web page, or asks for a scheme that no issuer takes. Hugging Face names
 * its errors in headers, which is all there is of an answer to HEAD.
 */
export function isIssuersOwn(provider: ProviderId, { header }: Answer, body: string): boolean {
  if (provider === 'huggingface' && (header('x-error-message') ?? header('x-error-code')) !== undefined)
    return true
  const isPage = /^text\/html\b/i.test(header('content-type') ?? '') || /^\s*</.test(body)
  const isOtherScheme = /^(basic|digest|negotiate|ntlm)\b/i.test(header('www-authenticate') ?? '')
  return isObject(readJson(body)) || (!isPage && !isOtherScheme)
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null

export const signInOnTheWay = (provider: ProviderId): string =>
  `Something on the way to ${PROVIDERS[provider].label}, such as a proxy, answered 401: it wants a sign-in of its own and said nothing of the token. Ask whoever runs this network.`
