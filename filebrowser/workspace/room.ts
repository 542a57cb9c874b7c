import { randomUUID } from 'node:crypto'
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { formatBytes } from '~/format-bytes'
import { Refusal } from '../refusal'
import { partPath } from './parts'
import type { Workspace } from './workspace'

/** Left free on the disk, so that ComfyUI can still write its images. */
const RESERVE_BYTES = 64 * 1024 * 1024

/** Bytes that a file at this path may take. */
export async function freeBytes(target: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(target))
  return Math.max(0, bavail * bsize - RESERVE_BYTES)
}

export type FreeBytes = typeof freeBytes

/** @throws Refusal `disk_full` when `size` bytes are more than there is room for */
export function requireRoom(size: number, free: number) {
  if (size > free)
    throw new Refusal(
      'disk_full',
      `This needs ${formatBytes(size)}, and ${formatBytes(free)} are free. Delete something first.`,
    )
}

/** Frees what it can for a file at `target`, if it would fit then. @returns bytes that it may take now */
export type MakeRoom = (bytes: number, target: string) => ReturnType<FreeBytes>

/**
 * Room for a file that is about to grow; what others have been promised on the same disk counts as taken.
 * @param target absolute path of the file
 * @returns bytes that it may take
 */
export async function roomFor(
  bytes: number,
  target: string,
  { workspace, makeRoom }: { workspace: Workspace; makeRoom: MakeRoom },
): Promise<number> {
  const others = await promisedBeside(target, workspace)
  return Math.max(0, (await makeRoom(bytes + others, target)) - others)
}

/** Bytes that are promised to others. What nobody can tell the disk of counts too. */
async function promisedBeside(target: string, { promised }: Workspace): Promise<number> {
  const others = [...promised.keys()].filter((path) => path !== target)
  const [disk, ...disks] = await Promise.all([target, ...others].map(diskOf))
  const beside = others.filter((_, at) => (disks[at] ?? disk) === (disk ?? disks[at]))
  return beside.reduce((sum, path) => sum + (promised.get(path) ?? 0), 0)
}

const diskOf = (path: string) =>
  stat(dirname(path)).then(
    ({ dev }) => dev,
    () => undefined,
  )

/** @throws Refusal `disk_full` */
export const takeRoom = async (bytes: number, target: string, deps: Parameters<typeof roomFor>[2]) =>
  requireRoom(bytes, await roomFor(bytes, target, deps))

/**
 * Holds the room for as long as the work runs.
 * @param folder absolute path of where the bytes go
 * @param work is told by calling how many of them are there
 * @throws Refusal `disk_full`
 */
export async function holdingRoom<T>(
  bytes: number,
  folder: string,
  deps: Parameters<typeof roomFor>[2],
  work: (onWritten: (written: number) => void) => Promise<T>,
): Promise<T> {
  const { promised } = deps.workspace
  const place = partPath(folder, randomUUID())
  // Before it is looked whether there is any: who asks meanwhile must not be told that the same room is free.
  promised.set(place, bytes)
  try {
    await takeRoom(bytes, place, deps)
    return await work((written) => promised.set(place, Math.max(0, bytes - written)))
  } finally {
    promised.delete(place)
  }
}
