import { randomBytes } from 'node:crypto'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** Whether the text looks like one that `newId` made. */
export const isId = (text: string): boolean => /^[a-z2-7]{16}$/.test(text)

/** 16 characters, 80 random bits; lower case and short enough for a DNS label. */
export function newId(): string {
  return Array.from(randomBytes(16), (byte) => ALPHABET[byte % 32]).join('')
}
