import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { findSave } from '../../db/cloud-save-work'
import type { CloudSave } from '../../db/cloud-saves'
import type { Machine } from '../../db/machine-states'
import type { Clock } from '../../db/open'
import { formatBytes } from '../../format-bytes'
import { CHECKING_SAVE, RESTORED_SAVE, RESTORING_SAVE } from '../../launch-events'
import type { WorkerDeps } from '../deps'
import { LaunchError } from '../launch-errors'
import type { Lease } from '../lease'
import { ArchiveError } from '../runtimes/runtime'
import { pieces } from '../runtimes/workspaces/read-file'
import { archivePath } from './archives'
import { isDiskFull } from './save-errors'

/** Often enough for a launch of which nothing is heard not to count as hung; no more lines than that. */
const REPORT_EVERY_MS = 15_000

/**
 * Gives a machine that starts from a save its workspace, unless it has one already: a relaunch, a retry or
 * the next worker finds what is there.
 * @throws LaunchError when the save is gone or damaged, or there is no room
 */
export async function restoreWorkspace(
  deps: WorkerDeps,
  { saveId, workspaceId, userId }: Pick<Machine, 'saveId' | 'workspaceId' | 'userId'>,
  { signal, stillMine }: Lease,
  report: (text: string) => void,
): Promise<void> {
  const { workspaces } = deps.runtime
  if (saveId === null || (await workspaces.exists(workspaceId))) return
  const save = findSave(deps.db, saveId)
  if (save?.status !== 'saved' || save.userId !== userId)
    throw new LaunchError('save_gone', `There is no cloud save ${saveId}.`)
  const file = await openArchive(archivePath(deps.saves.folder, save))
  try {
    const name = `“${save.name}”`
    const reader = (doing: string) => {
      const onPart = (part: number) => report(`${doing} ${name}: ${Math.round(100 * part)} %`)
      return (bytes: number) => watched(pieces(file, bytes, signal), bytes, deps.clock, onPart)
    }
    await assertUndamaged(file, save, reader(CHECKING_SAVE))
    await assertRoom(deps, save.bytesTotal)
    report(`${RESTORING_SAVE} ${name}, ${formatBytes(save.bytesTotal)}`)
    const onRead = () => report(`Writing the save ${name} to the disk`)
    const tar = unpacked(reader(RESTORING_SAVE)(save.bytes ?? 0), onRead)
    await workspaces.restore(workspaceId, tar, stillMine, signal)
    report(`${RESTORED_SAVE} ${name}`)
  } catch (error) {
    if (error instanceof ArchiveError) throw new LaunchError('save_damaged', error.message)
    if (isDiskFull(error)) throw new LaunchError('disk_full', String(error))
    throw error
  } finally {
    await file.close()
  }
}

async function openArchive(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new LaunchError('save_gone', `The file ${path} is not there.`)
  }
}

/** All of it, before any of it is unpacked. */
async function assertUndamaged(
  file: FileHandle,
  { id, bytes, sha256 }: CloudSave,
  read: (bytes: number) => AsyncIterable<Buffer>,
): Promise<void> {
  const { size } = await file.stat()
  const hash = createHash('sha256')
  for await (const piece of read(size)) hash.update(piece)
  const found = hash.digest('hex')
  if (size === bytes && found === sha256) return
  throw new LaunchError(
    'save_damaged',
    `The save ${id} has ${size} bytes and SHA-256 ${found}; it was written with ${bytes} and ${sha256}.`,
  )
}

async function assertRoom({ runtime, saves }: WorkerDeps, bytes: number): Promise<void> {
  const missing = bytes + saves.reserveBytes - (await runtime.workspaces.freeBytes())
  if (missing > 0) throw new LaunchError('disk_full', `The workspaces’ disk lacks ${missing} bytes.`)
}

/** The same pieces. @param onPart told now and then how much of it was read, from 0 to 1 */
async function* watched(
  all: AsyncIterable<Buffer>,
  bytes: number,
  clock: Clock,
  onPart: (part: number) => void,
): AsyncGenerator<Buffer> {
  let done = 0
  let reportedAt = clock()
  for await (const piece of all) {
    yield piece
    done += piece.length
    if (clock() - reportedAt < REPORT_EVERY_MS) continue
    reportedAt = clock()
    onPart(done / bytes)
  }
}

/** The tar in an archive. @param onRead told when all of it was read; what takes long after that is the disk */
function unpacked(archive: AsyncIterable<Buffer>, onRead: () => void): Readable {
  const whole = async function* () {
    yield* archive
    onRead()
  }
  // Whoever reads the tar hears of what goes wrong.
  return pipeline(whole, createGunzip(), () => undefined)
}
