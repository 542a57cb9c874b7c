import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from '../refusal'
import { areasOf } from '../workspace/areas'
import { measure } from '../workspace/walk'
import { type Batch, byAge, heldPath, purgeBatch, readBatch, readBatches, saveSize } from './batch'
import type { TrashDeps } from './trash'

/** All batches of a workspace, on whichever file system they are, and the room that they take. */
export class Batches {
  readonly #busy = new Set<string>()

  constructor(private readonly deps: Pick<TrashDeps, 'workspace' | 'freeBytes' | 'onFault'>) {}

  async all(): Promise<Batch[]> {
    const areas = await areasOf(this.deps.workspace)
    return (await Promise.all(areas.map(readBatches))).flat()
  }

  async find(id: string): Promise<Batch[]> {
    const areas = await areasOf(this.deps.workspace)
    const batches = await Promise.all(areas.map((area) => readBatch(area, id)))
    const found = batches.filter((batch) => batch !== undefined)
    if (found.length === 0)
      throw new Refusal('not_found', 'That has been deleted for good or is back already.')
    return found
  }

  /** What was deleted from the disk that `target` is on, the oldest first. */
  async #beside(target: string): Promise<{ batch: Batch; size: number }[]> {
    const batches = await this.#batchesBeside(target)
    return Promise.all(batches.map(async (batch) => ({ batch, size: await this.sizeOf(batch) })))
  }

  async #batchesBeside(target: string): Promise<Batch[]> {
    const { dev } = await stat(dirname(target))
    const batches: Batch[] = []
    // Folders that are bound from one disk share its room.
    for (const area of await areasOf(this.deps.workspace))
      if ((await stat(area)).dev === dev) batches.push(...(await readBatches(area)))
    return batches.sort(byAge)
  }

  /**
   * Gives up what was deleted longest ago until a file fits, and nothing if it still would not.
   * @param target absolute path of the file
   * @returns bytes that the file may take now
   */
  async makeRoom(bytes: number, target: string): Promise<number> {
    const { freeBytes } = this.deps
    let free = await freeBytes(target)
    if (free >= bytes) return free
    const held = await this.#beside(target)
    if (free + sumOf(held) < bytes) return free
    for (const { batch } of held) {
      await this.free(batch)
      free = await freeBytes(target)
      if (free >= bytes) break
    }
    return free
  }

  /** @returns bytes that `makeRoom` could free for a file at `target`, an absolute path */
  async bytesBeside(target: string): Promise<number> {
    return sumOf(await this.#beside(target))
  }

  /** @returns whether one has gone from the disk that `target` is on */
  async purgeOldest(target: string): Promise<boolean> {
    for (const batch of await this.#batchesBeside(target)) if (await this.free(batch)) return true
    return false
  }

  async sizeOf(batch: Batch): Promise<number> {
    if (batch.size !== null) return batch.size
    const sizes = batch.held.map((index) => measure(heldPath(batch, index)).catch(() => 0))
    batch.size = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    await saveSize(batch).catch(() => {})
    return batch.size
  }

  /** @returns whether it has gone; what keeps it from going keeps nobody else from it */
  async free(batch: Batch): Promise<boolean> {
    if (this.#busy.has(batch.id)) return false
    return this.purgeIfIdle(batch).then(
      () => true,
      (error) => {
        this.deps.onFault(error)
        return false
      },
    )
  }

  async purgeIfIdle(batch: Batch): Promise<void> {
    if (this.#busy.has(batch.id)) return
    // Another machine that shares the disk may have been quicker.
    await this.alone(batch.id, () => purgeBatch(batch)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }

  async alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw new Refusal('busy', 'That is being deleted or put back already.')
    this.#busy.add(id)
    try {
      return await work()
    } finally {
      this.#busy.delete(id)
    }
  }
}

const sumOf = (held: { size: number }[]) => held.reduce((sum, { size }) => sum + size, 0)
