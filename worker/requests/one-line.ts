/** Somebody's text as it can stand in a sentence: on one line, all of it visible, not longer than this. */
export const oneLine = (text: string, charactersMax = 500): string => {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return line.length <= charactersMax
    ? line
    : `${line.slice(0, charactersMax - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
