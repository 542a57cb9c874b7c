import { looksLikeToken } from '../providers/models/pasted-token'

/** Slipway's own tokens, parameters that sites take keys in, and names with passwords before a host. */
const SECRET = /slipway_(?:api|cli)_|[?&](?:token|api_?key|key|access_token)=|:\/\/[^/?#\s@:]*:[^/?#\s@]+@/i

const holdsToken = (text: string): boolean => SECRET.test(text) || looksLikeToken(text)

/** Whether a token lies in the address of a file: as a part of it, or in front of its host. */
export const addressHoldsToken = (address: string): boolean =>
  holdsToken(address) || /:\/\/[^/?#\s@]+@/.test(address) || address.split(/[/?&=#]/).some(looksLikeToken)

/** Whether a token lies anywhere in parsed JSON, which isn't nested deep. */
export const isWithToken = (value: unknown): boolean =>
  typeof value === 'string'
    ? holdsToken(value)
    : typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(([name, inner]) => holdsToken(name) || isWithToken(inner))

export const HOLDS_TOKEN =
  'There is a token in it, where others could read it. Take it out: machines have their callers’ own tokens.'
export const ADDRESS_HOLDS_TOKEN =
  'There is a token in the address of a source, where every caller could read it. Give the address alone: machines have their callers’ own tokens.'
