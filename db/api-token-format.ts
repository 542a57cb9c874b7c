import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { TOKEN_TYPES, type TokenType } from './schema'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM_LENGTH = 30
const CHECKSUM_LENGTH = 6
const VISIBLE_RANDOM = 4

/** What secret scanners look for. 30 random characters of base62 (178 bits) and 6 of checksum. */
export const API_TOKEN_PATTERN = `slipway_(?:${TOKEN_TYPES.join('|')})_[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}`
const WHOLE = new RegExp(`^${API_TOKEN_PATTERN}$`)

/** @returns `slipway_<type>_` and 36 characters; the checksum covers everything before it */
export function mintApiToken(type: TokenType): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  const start = `slipway_${type}_${random}`
  return start + checksum(start)
}

/** Whether it can be one at all, told without asking anybody: a typo fails here. */
export const isWholeApiToken = (text: string): boolean =>
  WHOLE.test(text) && text.slice(-CHECKSUM_LENGTH) === checksum(text.slice(0, -CHECKSUM_LENGTH))

/** All that is shown of a token after it was made. */
export const visibleParts = (token: string) => ({
  visibleStart: token.slice(0, token.lastIndexOf('_') + 1 + VISIBLE_RANDOM),
  visibleEnd: token.slice(-4),
})

/** CRC-32 in base62, most significant digit first. */
function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = ALPHABET[rest % ALPHABET.length] + digits
    rest = Math.floor(rest / ALPHABET.length)
  }
  return digits
}
