import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import type { CloudSave } from '../../db/cloud-saves'

/** Which file is a save's; each claim writes one of its own, so that none is ever written over. */
export type ArchiveRef = Pick<CloudSave, 'userId' | 'id' | 'fence'>

const FILE = /^([a-z0-9]+)\.(\d+)\.(tar\.gz|part)$/

export const archivePath = (folder: string, { userId, id, fence }: ArchiveRef) =>
  join(folder, userId, `${id}.${fence}.tar.gz`)

const partPath = (folder: string, { userId, id, fence }: ArchiveRef) =>
  join(folder, userId, `${id}.${fence}.part`)

/**
 * Writes the tar, packed, to the save's file: whole and on disk, or not there at all.
 * @param stillMine looked at right before the file gets its name: false throws
 * @returns size and SHA-256 of the file
 */
export async function writeArchive(
  folder: string,
  ref: ArchiveRef,
  tar: Readable,
  { stillMine, signal }: { stillMine(): boolean; signal: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  const part = partPath(folder, ref)
  await mkdir(join(folder, ref.userId), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const file = await open(part, 'w', 0o600)
    try {
      // Models hardly shrink, and a higher level takes many times as long.
      const gzip = createGzip({ level: constants.Z_BEST_SPEED })
      const sink = new Writable({
        write(piece: Buffer, _encoding, done) {
          hash.update(piece)
          bytes += piece.length
          file.writeFile(piece).then(() => done(), done)
        },
      })
      await pipeline(tar, gzip, sink, { signal })
      await file.sync()
    } finally {
      await file.close()
    }
    if (!stillMine()) throw new Error('Another worker took over before the archive was there.')
    await rename(part, archivePath(folder, ref))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(join(folder, ref.userId))
  return { bytes, sha256: hash.digest('hex') }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

/**
 * Removes the files that no save needs.
 * @param list a user's saves as they are now, by their ids
 * @param onRemoved told once of each user who has fewer files now
 */
export async function removeLeftovers(
  folder: string,
  list: (userId: string) => ReadonlyMap<string, Pick<CloudSave, 'status' | 'fence'>>,
  onRemoved: (userId: string) => void,
): Promise<void> {
  for (const userId of await readdir(folder).catch(() => [])) {
    // Listed before the rows are read: what is there has had a row.
    const names = await readdir(join(folder, userId)).catch(() => [])
    const saves = list(userId)
    const leftovers = names.filter((name) => {
      const [, id = '', fence, kind] = FILE.exec(name) ?? []
      const row = saves.get(id)
      const isNeeded =
        row?.fence === Number(fence) &&
        (row.status === 'saving' || (row.status === 'saved' && kind === 'tar.gz'))
      return id && !isNeeded
    })
    for (const name of leftovers) await rm(join(folder, userId, name), { force: true })
    if (leftovers.length) onRemoved(userId)
  }
}
