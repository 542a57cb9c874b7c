/**
 * The words of the first command in a text, as a POSIX shell splits them: quotes, backslashes and lines that go on.
 * Nothing is expanded. A quote that is never closed reaches to the end.
 */
export function shellWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  // A quoted piece, an escaped character, what ends the command, a gap, or a run of anything else.
  const pieces =
    /'([^']*)(?:'|$)|"((?:\\[\s\S]|[^"\\])*)(?:"|\\?$)|\\(\r?\n|[\s\S]|$)|([\r\n;&|<>])|([ \t]+)|([^'"\\\r\n;&|<> \t]+)/g
  for (const [, single, double, escaped, end, gap, plain] of text.matchAll(pieces)) {
    if (end !== undefined) break
    if (gap !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (escaped === undefined) word = (word ?? '') + (single ?? unescaped(double) ?? plain)
    else if (!/^\r?\n$/.test(escaped)) word = (word ?? '') + escaped
  }
  return word === undefined ? words : [...words, word]
}

/** Between double quotes a backslash means itself, but before these. */
const unescaped = (text: string | undefined) => text?.replace(/\\(?:\r?\n|(["\\$`]))/g, '$1')
