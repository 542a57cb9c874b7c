import { PROVIDERS, type ProviderId } from './registry'

const LENGTH_MAX = 512
const VISIBLE_LENGTH = 6
const DOTS = '•'.repeat(16)

/**
 * Trims what a person pasted and says what is wrong with it, before anything is stored.
 * @returns the value to store, or a sentence for the person
 */
export function readToken(
  provider: ProviderId,
  pasted: string,
): { value: string; fault?: never } | { fault: string; value?: never } {
  const { label, prefixes, tokenPage } = PROVIDERS[provider]
  const value = pasted.trim()
  if (!value) return { fault: `Paste your ${label} token. You can make one at ${tokenPage}.` }
  if (value.length > LENGTH_MAX)
    return {
      fault: `A token has at most ${LENGTH_MAX} characters; this has ${value.length}. Paste only the token.`,
    }
  if (/\s/u.test(value))
    return { fault: 'A token has no blanks or line breaks inside. Copy it again, in one piece.' }
  if (!/^[\x21-\x7e]+$/.test(value))
    return {
      fault: 'A token has only plain letters, digits and signs. Copy it again from where it was made.',
    }
  if (prefixes.length && !prefixes.some((prefix) => value.startsWith(prefix) && value.length > prefix.length))
    return { fault: `A ${label} token begins with ${prefixes.join(' or ')}. Copy it from ${tokenPage}.` }
  if (value.startsWith('slipway_'))
    return { fault: `This is one of Slipway’s own API tokens. Paste the token of ${label} here.` }
  return { value }
}

/** The only part of a token that is ever shown; never all of it, however short it is. */
export const visiblePart = (token: string) =>
  token.slice(0, token.length > VISIBLE_LENGTH ? VISIBLE_LENGTH : Math.floor(token.length / 2))

/** The visible part and always the same number of dots, so that the length tells nothing. */
export const mask = (visible: string) => visible + DOTS
