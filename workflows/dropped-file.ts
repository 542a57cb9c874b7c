import { formatBytes } from '../format-bytes'

/** A file that was sent inside a call is kept until the request ends; from then on a note stands in its place. */

const INLINE = /^data:((?:image|video|audio)\/[\w.+-]+);base64,/

/** @returns what stands in its place: `data:image/png (123 kB)`; anything but an inline file as it is */
export function withoutFile(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const [start, type] = INLINE.exec(value) ?? []
  if (!start) return value
  return `data:${type} (${formatBytes(Math.floor(((value.length - start.length) * 3) / 4))})`
}

export const isDroppedFile = (value: string): boolean =>
  /^data:[\w.+-]+\/[\w.+-]+ \([\d.]+ \w+\)$/.test(value)
