const CALL = /\b(?:hf_hub_download|snapshot_download)\s*\(/
const IMPORT = /^\s*(?:from\s+\S+\s+)?import\s/

/**
 * Takes what somebody pasted apart into what belongs together: a line, a command that backslashes at line ends go on
 * with, or a call in Python over however many lines. What such a call imports is nothing to download.
 * @returns each once, none empty
 */
export function pastedLines(text: string): string[] {
  const lines = text.replace(/\\\r?\n\s*/g, ' ').split(/\r?\n/)
  const hasCall = CALL.test(text)
  const pieces: string[] = []
  for (let at = 0; at < lines.length; ) {
    const length = linesOfCall(lines, at)
    const piece = lines.slice(at, at + length).join('\n')
    if (!hasCall || CALL.test(piece) || !IMPORT.test(piece)) pieces.push(piece.trim())
    at += length
  }
  return [...new Set(pieces.filter(Boolean))]
}

export const holdsCall = (piece: string) => CALL.test(piece)

/** How many lines go on until the call that begins in this one is closed; a call that never is has one. */
function linesOfCall(lines: string[], at: number): number {
  const call = CALL.exec(lines[at] ?? '')
  if (!call) return 1
  let open = 0
  for (let next = at; next < lines.length; next++) {
    const line = (lines[next] ?? '').slice(next === at ? call.index : 0)
    // Neither texts nor comments open or close anything.
    const code = line.replace(/"[^"]*"|'[^']*'|#.*/g, '')
    for (const sign of code) open += sign === '(' ? 1 : sign === ')' ? -1 : 0
    if (open <= 0) return next - at + 1
  }
  return 1
}
