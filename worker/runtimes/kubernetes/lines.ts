/**
 * Cuts what comes into lines.
 * @param lineMax longer lines come in pieces of so many bytes, always the same ones
 * @returns with each chunk the lines that are whole by then, their ends included, one character a byte
 * (latin1); at the end what is left without one
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  lineMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<string[]> {
  let rest = ''
  for await (const chunk of stream) {
    rest += chunk.toString('latin1')
    const lines: string[] = []
    for (;;) {
      const newline = rest.indexOf('\n')
      if (newline < 0 && rest.length < lineMax) break
      const end = Math.min(newline < 0 ? rest.length : newline + 1, lineMax)
      lines.push(rest.slice(0, end))
      rest = rest.slice(end)
    }
    if (lines.length) yield lines
  }
  if (rest) yield [rest]
}
