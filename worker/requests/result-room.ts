import { formatBytes } from '../../format-bytes'
import type { WorkerDeps } from '../deps'
import { freeBytes } from '../runtimes/workspaces/free-bytes'
import { RequestError } from './request-error'

/** How much is written between two looks at the room there is. */
const LOOK_EVERY_BYTES = 16 * 1024 ** 2

export type Room = ReturnType<typeof roomFor>

/** What a request's files may take, of what is kept and of the disk: others write meanwhile, the database too. */
export function roomFor({ requests: { bytesMax }, saves: { reserveBytes } }: WorkerDeps, folder: string) {
  let used = 0
  let unlooked = LOOK_EVERY_BYTES
  return {
    left: () => bytesMax - used,
    giveBack(bytes: number) {
      used -= bytes
    },
    /** @throws RequestError `result_too_large` or `disk_full` */
    async take(bytes: number) {
      used += bytes
      unlooked += bytes
      if (used > bytesMax)
        throw new RequestError(
          'result_too_large',
          `More than ${bytesMax} bytes came out.`,
          `More than ${formatBytes(bytesMax)} came out, which is all that this server keeps of a request.`,
        )
      if (unlooked < LOOK_EVERY_BYTES) return
      unlooked = 0
      const free = await freeBytes(folder)
      if (free - bytes < reserveBytes)
        throw new RequestError(
          'disk_full',
          `${folder} has ${free} bytes left, and a reserve of ${reserveBytes}.`,
        )
    },
  }
}
