/** Four letters and four digits, whatever stands between them. */
const CODE = /(?<![\p{L}\p{N}])[a-z](?:[^\p{L}\p{N}]*[a-z]){3}(?:[^\p{L}\p{N}]*[0-9]){4}(?![\p{L}\p{N}])/iu

/**
 * The code in what somebody typed or pasted: in any case, with blanks and dashes of any kind, also the whole
 * line that a terminal shows it in.
 * @returns the text itself where there is none
 */
export function codeIn(text: string): string {
  const plain = text.normalize('NFKC').trim()
  return CODE.exec(plain)?.[0].replace(/[^\p{L}\p{N}]/gu, '') ?? plain
}
