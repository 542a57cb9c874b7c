import { CODE_DIGITS, CODE_LETTERS } from '../db/device-codes'

/** Four of its letters and four of its digits, whatever stands between them. */
const CODE = new RegExp(
  `(?<![\\p{L}\\p{N}])[${CODE_LETTERS}](?:[^\\p{L}\\p{N}]*[${CODE_LETTERS}]){3}(?:[^\\p{L}\\p{N}]*[${CODE_DIGITS}]){4}(?![\\p{L}\\p{N}])`,
  'iu',
)

/**
 * The code in what somebody typed or pasted: in any case, with blanks and dashes of any kind, also the whole
 * line that a terminal shows it in.
 * @returns the text itself where there is none
 */
export function codeIn(text: string): string {
  const plain = text.normalize('NFKC').trim()
  return CODE.exec(plain)?.[0].replace(/[^\p{L}\p{N}]/gu, '') ?? plain
}
