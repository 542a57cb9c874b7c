/** Han, kana, Hangul, full-width forms and what is drawn as a picture: two columns each on a terminal. */
const WIDE =
  /^(?![\uff61-\uffdc])(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])/u
const ONLY_ASCII = /^[ -~]*$/
const UNSEEN = /^[\p{Mark}\p{Cf}\p{Cc}]+$/u
// Made when it is needed: it takes a part of the time that the command needs to start.
let segmenter: Intl.Segmenter | undefined
const graphemesOf = (text: string) => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

const widthOf = (grapheme: string) => (UNSEEN.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1)

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  if (ONLY_ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemesOf(text)) width += widthOf(segment)
  return width
}

/** The text, or as much of its beginning as fits with an ellipsis into so many columns. */
export function cut(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let shown = ''
  let width = 1
  for (const { segment } of graphemesOf(text)) {
    width += widthOf(segment)
    if (width > columns) break
    shown += segment
  }
  return `${shown}…`
}

/** The text with blanks after it, so many columns in all. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - textWidth(text)))
