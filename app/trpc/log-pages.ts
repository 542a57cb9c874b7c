import { logExtent, readLog, type ServiceLog } from '../../log-files'
import { plainLine } from '../../log-text'

const PAGE_BYTES = 64 * 1024
/** What one search reads at most; the next page goes on from there. */
const SEARCH_BYTES = 4 * 1024 * 1024
const NEWLINE = 10

/** A part of a log; places are counted in bytes from the log's beginning. */
export interface LogPage {
  text: string
  from: number
  to: number
}

/** What comes after a place, if anything does; never half a character. */
export async function pageAfter(log: ServiceLog, place: number): Promise<LogPage> {
  const { from, bytes } = await readLog(log, place, PAGE_BYTES)
  const whole = wholeCharacters(bytes)
  return { text: whole.toString(), from, to: from + whole.length }
}

/** What comes before a place, beginning with a whole line where there is one. */
export async function pageBefore(log: ServiceLog, place: number): Promise<LogPage> {
  const { oldest, size } = logExtent(log)
  const to = Math.max(oldest, Math.min(place, size))
  const { from, bytes } = await readLog(log, Math.max(oldest, to - PAGE_BYTES), PAGE_BYTES)
  const part = wholeCharacters(bytes.subarray(0, Math.max(0, to - from)))
  const begin = from === oldest ? 0 : lineBegin(part)
  return { text: part.subarray(begin).toString(), from: from + begin, to: from + part.length }
}

/** The lines before a place that hold the words, in either case, the newest of them. */
export async function searchBefore(log: ServiceLog, place: number, words: string): Promise<LogPage> {
  const { oldest } = logExtent(log)
  const wanted = words.toLowerCase()
  const found: string[] = []
  let length = 0
  let page = await pageBefore(log, place)
  const { to } = page
  for (;;) {
    const lines = page.text.split('\n').map(plainLine)
    const matching = lines.filter((line) => line.toLowerCase().includes(wanted))
    found.unshift(...matching)
    length += matching.join('\n').length
    const isEnough = length > PAGE_BYTES || to - page.from > SEARCH_BYTES
    if (isEnough || page.from <= oldest || page.from === page.to) break
    page = await pageBefore(log, page.from)
  }
  return { text: found.map((line) => `${line}\n`).join(''), from: page.from, to }
}

/** After the first line's end, unless a single line is all there is. */
function lineBegin(bytes: Buffer): number {
  const end = bytes.indexOf(NEWLINE)
  return end >= 0 && end < bytes.length - 1 ? end + 1 : 0
}

const wholeCharacters = (bytes: Buffer) => bytes.subarray(0, bytes.length - brokenCharacter(bytes))

/** How many bytes at the end are the beginning of a character that isn't there as a whole. */
function brokenCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? back : 0
  }
  return 0
}
