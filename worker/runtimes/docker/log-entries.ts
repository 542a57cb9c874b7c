import type { Entry } from '../../logs/recorder'

/** Before each piece of output the Engine puts its stream, three zeros and its length. */
const HEADER_BYTES = 8
const LENGTH_AT = 4

/**
 * Takes apart what the Engine answers about the output of a container without a terminal.
 * @returns what is called with each chunk, and answers with the pieces that are whole by then
 */
export function pieceReader(): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk
    const pieces: Buffer[] = []
    let at = 0
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at + LENGTH_AT)
      if (end > bytes.length) break
      pieces.push(bytes.subarray(at + HEADER_BYTES, end))
      at = end
    }
    rest = bytes.subarray(at)
    return pieces
  }
}

/** A piece of output that was asked for with its time, which comes first. */
export function entryOf(piece: Buffer): Entry {
  const text = piece.toString('latin1')
  const end = text.indexOf(' ')
  return { time: text.slice(0, end), text: text.slice(end + 1) }
}

/** The time of an entry as the Engine wants to be asked for it: seconds, to the nanosecond. */
export function engineTime(time: string): string {
  const [, seconds = '', nanoseconds = '0'] = /^(.{19})\.(\d{9})Z$/.exec(time) ?? []
  return `${Date.parse(`${seconds}Z`) / 1000}.${nanoseconds}`
}
