import { constants, readdirSync, statSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * How the output of services lies on the disk: `DATA_DIR/logs/<machine>/<service>.<attempt>.<base>.log`,
 * where `base` is how many bytes came before that file. Together the files are the newest part of the log.
 */

export interface ServiceLog {
  /** Of the machine, see `logFolder`. */
  folder: string
  service: string
  attempt: number
}

interface Segment {
  path: string
  base: number
  size: number
}

const NAME = /^([a-z]+)\.(\d{1,9})\.(\d{1,15})\.log$/

export const logFolder = (dataDir: string, machineId: string) => join(dataDir, 'logs', machineId)

/** As `newId` makes them. */
const MACHINE_ID = /^[a-z2-7]{16}$/

/** Which machines have logs. */
export async function listMachinesWithLogs(dataDir: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'logs'), { withFileTypes: true }).catch(orNone)
  return entries.filter((entry) => entry.isDirectory() && MACHINE_ID.test(entry.name)).map(({ name }) => name)
}

/** Removes all logs of a machine, which must have ended. Fine when there are none. */
export const removeLogs = (dataDir: string, machineId: string): Promise<void> =>
  rm(logFolder(dataDir, machineId), { recursive: true, force: true })

export const segmentName = ({ service, attempt }: ServiceLog, base: number) =>
  `${service}.${attempt}.${base}.log`

/** The files of a log, oldest first. One that is dropped meanwhile is not among them. */
export function listSegments(log: ServiceLog): Segment[] {
  const found = namesIn(readdirSyncOrNone(log.folder))
    .filter(({ service, attempt }) => service === log.service && attempt === log.attempt)
    .sort((a, b) => a.base - b.base)
  return found.flatMap(({ name, base }) => {
    const path = join(log.folder, name)
    const size = statSync(path, { throwIfNoEntry: false })?.size
    return size === undefined ? [] : [{ path, base, size }]
  })
}

/** Which attempts of which services there is a log of. */
export async function listLogs(folder: string): Promise<{ service: string; attempt: number }[]> {
  const names = await readdir(folder).catch(orNone)
  const found = new Map(
    namesIn(names).map(({ service, attempt }) => [`${service} ${attempt}`, { service, attempt }]),
  )
  return [...found.values()].sort((a, b) => a.attempt - b.attempt)
}

/** What is kept of a log: the bytes from `oldest` to `size`, counted from its beginning. */
export function logExtent(log: ServiceLog): { oldest: number; size: number } {
  const segments = listSegments(log)
  const last = segments.at(-1)
  return { oldest: segments[0]?.base ?? 0, size: last ? last.base + last.size : 0 }
}

/**
 * @param from counted from the log's beginning, like the answer
 * @returns at most `limit` bytes; those that were dropped are left out, so that `from` may be later than asked
 */
export async function readLog(
  log: ServiceLog,
  from: number,
  limit: number,
): Promise<{ from: number; bytes: Buffer }> {
  const parts: Buffer[] = []
  let begin = from
  let at = from
  for (const { path, base, size } of listSegments(log)) {
    if (base + size <= at) continue
    if (base > at) {
      if (parts.length) break
      begin = at = base
    }
    const wanted = Math.min(begin + limit, base + size) - at
    if (wanted <= 0) break
    const part = await readPart(path, at - base, wanted)
    // Dropped since the files were listed: so is all before it.
    if (!part) return readLog(log, base + size, limit)
    parts.push(part)
    at += part.length
  }
  return { from: begin, bytes: Buffer.concat(parts) }
}

async function readPart(path: string, position: number, length: number): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function namesIn(names: readonly string[]) {
  return names.flatMap((name) => {
    const [, service, attempt, base] = NAME.exec(name) ?? []
    return service ? [{ name, service, attempt: Number(attempt), base: Number(base) }] : []
  })
}

function orNone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}

function readdirSyncOrNone(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    return orNone(error as NodeJS.ErrnoException)
  }
}
