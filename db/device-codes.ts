import { randomInt } from 'node:crypto'
import { hashSecret } from './secrets'

/** Neither vowels, which make words, nor what is mistaken for another (RFC 8628 section 6.1). */
export const CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
export const CODE_DIGITS = '23456789'
const GROUP = 4

const pick = (alphabet: string) =>
  Array.from({ length: GROUP }, () => alphabet[randomInt(alphabet.length)]).join('')

/** @returns four letters, a dash and four digits, as `BCDF-2345`: 29 random bits, so tries are limited */
export const mintUserCode = (): string => `${pick(CODE_LETTERS)}-${pick(CODE_DIGITS)}`

/** The same whatever somebody put between the characters, in lower case, and as wide as a keyboard makes them. */
const plain = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase()

export const hashUserCode = (typed: string): string => hashSecret('user-code', plain(typed))

/** Whether it has the look of a code; a slip of the hand has it too. */
export const looksLikeUserCode = (typed: string): boolean => /^[A-Z]{4}[0-9]{4}$/.test(plain(typed))
