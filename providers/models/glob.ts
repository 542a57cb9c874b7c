/**
 * Whether a pattern as Python's `fnmatch` reads it matches the whole text: `*` stands for anything, `/` included, `?`
 * for one character, `[…]` and `[!…]` for one of a set. One that ends with `/` means all that is below.
 * Takes no longer than both lengths multiplied, whatever the pattern.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const tokens = tokenize(pattern.endsWith('/') ? `${pattern}*` : pattern)
  let token = 0
  let at = 0
  let star: { token: number; at: number } | undefined
  while (at < text.length) {
    const current = tokens[token]
    if (current === '*') star = { token: ++token, at }
    else if (current?.(text[at] ?? '')) {
      token++
      at++
    } else if (star) {
      token = star.token
      at = ++star.at
    } else return false
  }
  while (tokens[token] === '*') token++
  return token === tokens.length
}

type Token = '*' | ((character: string) => boolean)

function tokenize(pattern: string): Token[] {
  return [...pattern.matchAll(/\*+|\?|\[(!?)(\]?[^\]]*)\]|[\s\S]/g)].map(([sign, not, set]) => {
    if (sign.startsWith('*')) return '*'
    if (sign === '?') return () => true
    if (set === undefined) return (character) => character === sign
    const isIn = oneOf(set)
    return (character) => isIn(character) !== (not === '!')
  })
}

function oneOf(set: string): (character: string) => boolean {
  const ranges = [...set.matchAll(/([\s\S])-([\s\S])|([\s\S])/g)].map(
    ([, from, to, one = '']) => [from ?? one, to ?? one] as const,
  )
  return (character) => ranges.some(([from, to]) => from <= character && character <= to)
}
