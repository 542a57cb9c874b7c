import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'

import { isOfOneSession } from './session-files'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/** Something below a workspace's folder. */
export interface Found {
  /** Relative to the folder. */
  path: string
  /** The way to it, good until the next one is asked for. Nobody can lead it elsewhere meanwhile. */
  at: string
  stats: Stats
}

/** @returns undefined after telling of the error */
export async function unless<T>(
  work: Promise<T>,
  onError: (error: NodeJS.ErrnoException) => void,
): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    onError(error as NodeJS.ErrnoException)
    return undefined
  }
}

const DEPTH_MAX = 100
const PATH_BYTES_MAX = 2000

/** Each folder on the way is held open, and whoever restores it has to name the whole path. */
const isTooDeep = (path: string) =>
  Buffer.byteLength(path) > PATH_BYTES_MAX || path.split('/').length > DEPTH_MAX

const tooDeep = () => Object.assign(new Error('It is nested too deeply.'), { code: 'ENAMETOOLONG' })

/** The same as `openat`: what is behind a folder that is open stays the same, whatever is renamed. */
const below = (folder: FileHandle, name: string) => `/proc/self/fd/${folder.fd}/${name}`

/**
 * Everything below a folder, each folder before what is in it, in the order of the names. Follows no link.
 * @param onTrouble told of what can't be read or is nested too deeply, and of what vanishes in the meantime
 * @param isLeftOut by its path, together with all that is in it
 */
export async function* walk(
  root: string,
  onTrouble: (path: string, error: NodeJS.ErrnoException) => void,
  isLeftOut: (path: string) => boolean = () => false,
): AsyncGenerator<Found> {
  yield* walkFolder(await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), '', { onTrouble, isLeftOut })
}

interface Rules {
  onTrouble(path: string, error: NodeJS.ErrnoException): void
  isLeftOut(path: string): boolean
}

async function* walkFolder(folder: FileHandle, prefix: string, rules: Rules): AsyncGenerator<Found> {
  const { onTrouble, isLeftOut } = rules
  try {
    const names = await readdir(below(folder, '.')).catch((error) => {
      if (!prefix) throw error
      onTrouble(prefix, error)
      return []
    })
    for (const name of names.sort()) {
      const path = prefix ? `${prefix}/${name}` : name
      if (isLeftOut(path)) continue
      const at = below(folder, name)
      const found = await unless(lstat(at), (error) => onTrouble(path, error))
      if (!found) continue
      if (found.isDirectory() && isTooDeep(path)) {
        onTrouble(path, tooDeep())
        continue
      }
      yield { path, at, stats: found }
      if (!found.isDirectory()) continue
      const opening = open(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      const inner = await unless(opening, (error) => onTrouble(path, error))
      if (inner) yield* walkFolder(inner, path, rules)
    }
  } finally {
    await folder.close()
  }
}

const fileKey = ({ dev, ino }: Stats) => `${dev}:${ino}`

/** How much there is to save, and what else on the host is one and the same file. */
export async function survey(root: string): Promise<{
  bytes: number
  /** Whether something outside is a name of the same file. */
  isLinkedFromOutside(stats: Stats): boolean
}> {
  let bytes = 0
  const names = new Map<string, number>()
  // All of it: a file whose other name is left out is still one of the workspace alone.
  for await (const { path, stats } of walk(root, () => undefined)) {
    if (!stats.isFile()) continue
    if (!isOfOneSession(path)) bytes += stats.size
    if (stats.nlink > 1) names.set(fileKey(stats), (names.get(fileKey(stats)) ?? 0) + 1)
  }
  return {
    bytes,
    isLinkedFromOutside: (stats) => stats.nlink > 1 && (names.get(fileKey(stats)) ?? 0) < stats.nlink,
  }
}
