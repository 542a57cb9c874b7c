import type { IssuerSettings } from '../issuers'
import { isTrusted } from '../network/hosts'
import { Refusal } from '../refusal'
import { looksLikeToken } from './pasted-token'
import type { WebFile } from './source'

/** What names a right rather than a file in an address. */
const SECRET =
  /^(?:(?:access|auth|api|x)?[_-]?(?:token|key|sig|signature)|pass(?:word|wd)?|pwd|secret|auth|authorization|credential|x-(?:amz|goog)-.*)$/i

/**
 * Reads the address of a file on a host that the operator allows.
 * @param url no issuer's
 * @throws Refusal `host_not_allowed`; `bad_url` for one that holds a password or a token, which would be kept and shown
 */
export function parseWebFile(url: URL, { trustedHosts }: IssuerSettings): WebFile {
  if (!/^https?:$/.test(url.protocol))
    throw new Refusal(
      'host_not_allowed',
      `Downloads go by https, not by ${url.protocol.slice(0, 20)} Paste an address with https:// in front.`,
      SESSION,
    )
  if (!isTrusted(url, trustedHosts))
    throw new Refusal(
      'host_not_allowed',
      `Downloads from ${url.host} are not allowed here. Whoever runs this Slipway allows a host with DOWNLOAD_HOSTS.`,
      SESSION,
    )
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()]
  const names = [...url.searchParams.keys()]
  if (url.username || url.password || names.some((name) => SECRET.test(name)) || parts.some(looksLikeToken))
    throw new Refusal(
      'bad_url',
      'There is a password or a token in that address, and addresses are kept and shown. Paste one without it.',
      SESSION,
    )
  return { provider: null, url: `${url.origin}${url.pathname}${url.search}` }
}

/** The page on which this session says what its downloads may reach. */
const SESSION = { href: '#/session', label: 'What this session may reach' }
