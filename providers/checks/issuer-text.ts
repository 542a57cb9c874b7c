import { scrub } from '../../scrub'

const LENGTH_MAX = 80

/**
 * What an issuer wrote, fit to be kept and shown as text: one line without control or direction characters,
 * not long, and without the token, in case it was repeated.
 */
export function issuerText(text: string, token: string): string {
  const line = [
    ...scrub(text, [token])
      .replace(/[\p{C}\s]+/gu, ' ')
      .trim(),
  ]
  return line.length > LENGTH_MAX ? `${line.slice(0, LENGTH_MAX - 1).join('')}…` : line.join('')
}
