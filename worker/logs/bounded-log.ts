import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { listSegments, type ServiceLog, segmentName } from '../../log-files'

/** A log is kept in so many files, of which the oldest goes when a new one is begun. */
const SEGMENTS_MAX = 4
const NEWLINE = 10

export interface BoundedLog {
  /** Appends, and drops the oldest when there is too much. A full disk loses the bytes, and says so later. */
  write(bytes: Buffer): void
  close(): void
}

/**
 * The newest bytes of a service's log, never more than `bytesMax` on the disk. Goes on where an earlier
 * writer of the same log ended.
 */
export function boundedLog(log: ServiceLog, bytesMax: number): BoundedLog {
  const segmentBytes = Math.floor(bytesMax / SEGMENTS_MAX)
  let open: { fd: number; base: number } | undefined
  let lost = 0

  function begin(base: number) {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
    open = { fd: openSync(join(log.folder, segmentName(log, base)), flags, 0o600), base }
    for (const { path } of listSegments(log).slice(0, -SEGMENTS_MAX)) rmSync(path, { force: true })
    return open
  }

  function current() {
    if (open) return open
    mkdirSync(log.folder, { recursive: true, mode: 0o700 })
    return begin(listSegments(log).at(-1)?.base ?? 0)
  }

  function append(bytes: Buffer) {
    for (let rest = bytes; rest.length; ) {
      const { fd, base } = current()
      const { size } = fstatSync(fd)
      const fitting = sizeThatFits(rest, segmentBytes - size, size === 0)
      rest = rest.subarray(writeAll(fd, rest.subarray(0, fitting)))
      if (!rest.length) return
      closeSync(fd)
      open = undefined
      begin(base + size + fitting)
    }
  }

  return {
    write(bytes) {
      try {
        if (lost)
          append(Buffer.from(`\n[slipway] ${lost} bytes of output could not be written to the disk.\n`))
        lost = 0
        append(bytes)
      } catch {
        // The service goes on, whatever becomes of its log.
        lost += bytes.length
      }
    },

    close() {
      if (open) closeSync(open.fd)
      open = undefined
    },
  }
}

/** Takes back what was written after the first `size` bytes of a log. */
export function truncateLog(log: ServiceLog, size: number): void {
  for (const { path, base, size: length } of listSegments(log)) {
    if (base > size) rmSync(path, { force: true })
    else if (base + length > size) {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW)
      ftruncateSync(fd, size - base)
      closeSync(fd)
    }
  }
}

/** How many of the bytes go into this file: all, or as many whole lines as it takes, or a part of a long one. */
function sizeThatFits(bytes: Buffer, room: number, isEmpty: boolean): number {
  if (bytes.length <= room) return bytes.length
  if (room <= 0) return 0
  return bytes.lastIndexOf(NEWLINE, room - 1) + 1 || (isEmpty ? room : 0)
}

function writeAll(fd: number, bytes: Buffer): number {
  let written = 0
  while (written < bytes.length) written += writeSync(fd, bytes, written)
  return written
}
