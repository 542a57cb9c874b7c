/**
 * A name as it may be shown: what would break a line, hide a part or turn the direction of writing stands there as a
 * visible sign, so that a name can't pretend to be another one.
 */
export function visibleName(name: string): string {
  return name.replace(HIDDEN, (sign) => {
    const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `⟨U+${code}⟩`
  })
}

/** Control characters, marks of direction, invisible ones, and halves of characters. */
const HIDDEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u3164\ufeff\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u{e0000}-\u{e007f}]/gu

/** `3 files`, `1 folder`, `4 items` when they are of both kinds; one alone by its name. */
export function describeEntries(entries: readonly { name: string; kind: string }[]): string {
  const [first] = entries
  if (entries.length === 1 && first) return visibleName(first.name)
  const kinds = new Set(entries.map(({ kind }) => (kind === 'folder' ? 'folders' : 'files')))
  const [kind] = kinds
  return `${entries.length} ${kinds.size === 1 ? kind : 'items'}`
}
