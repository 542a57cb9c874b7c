import { extname } from 'node:path'

const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029<>:"/\\|?*]/gu
/** Devices of Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])\s*(\.|$)/i
/** Of what file systems take, with room for a number. */
const BYTES_MAX = 200

/**
 * The name under which a file from elsewhere may lie in somebody's folder, on any system: no folder, no hidden
 * file, no option of a command, and nothing that a terminal acts upon or that reads other than it is.
 */
export function safeFileName(given: string): string {
  const name = given
    .normalize('NFC')
    .replace(UNFIT, '_')
    .replace(/^[\s.-]+/, '_')
    .replace(/[\s.]+$/, '')
  const short = shortened(name || 'file')
  return DEVICE.test(short) ? `_${short}` : short
}

function shortened(name: string): string {
  const ending = extname(name)
  const kept = Buffer.byteLength(ending) > 20 ? '' : ending
  let stem = [...name.slice(0, name.length - kept.length)]
  while (Buffer.byteLength(stem.join('')) + Buffer.byteLength(kept) > BYTES_MAX) stem = stem.slice(0, -1)
  return stem.join('') + kept
}

/** @param count 0 for the name itself; `name-1.ext` for the first one beside it */
export function numbered(name: string, count: number): string {
  if (count === 0) return name
  const ending = extname(name)
  return `${name.slice(0, name.length - ending.length)}-${count}${ending}`
}

/** The last part of an address as a name. */
export function nameInUrl(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? ''
  try {
    return safeFileName(decodeURIComponent(last))
  } catch {
    return safeFileName(last)
  }
}
