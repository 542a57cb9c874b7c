import { CliError, EXIT } from '../exits'
import { askForDate, clockSentence, minute } from './clock'

const UNKNOWN_ISSUER = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]
const BY_CLOCK = new Map([
  ['CERT_HAS_EXPIRED', 'has expired'],
  ['CERT_NOT_YET_VALID', 'is not valid yet'],
])

/** @param code of an error that a connection ended with @returns undefined when it is not about TLS */
export async function tlsFault(code: string, url: URL): Promise<CliError | undefined> {
  const { origin, host } = url
  if (UNKNOWN_ISSUER.includes(code))
    return failed(
      `The certificate of ${host} comes from an authority that this computer doesn't know. If it is yours, name its file: NODE_EXTRA_CA_CERTS=/path/to/ca.pem`,
    )
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return failed(`The certificate of ${host} is for other names. Use the address that it was made for.`)
  const fault = BY_CLOCK.get(code)
  if (fault) {
    const now = Date.now()
    const clock = clockSentence(await askForDate(url), now)
    const cure = clock || ' If that is right, the server needs a new certificate.'
    return failed(`The certificate of ${host} ${fault}: this computer's clock says ${minute(now)}.${cure}`)
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return failed(
      `What answers at ${origin} does not speak https. Is the address right, or is it http://${host}?`,
    )
  return /^(ERR_TLS_|ERR_SSL_|CERT_)/.test(code)
    ? failed(`The certificate of ${host} can't be trusted (${code}).`)
    : undefined
}

const failed = (message: string) => new CliError(EXIT.upstream, message)
