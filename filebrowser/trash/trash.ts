import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DeletionView, TrashView } from '../contract'
import { isDiskFull, Refusal } from '../refusal'
import { areaOf, areasOf } from '../workspace/areas'
import { refuseWhileWriting, whileWriting } from '../workspace/entries'
import { freeName } from '../workspace/free-name'
import { lookAt } from '../workspace/put-in-place'
import { relocate } from '../workspace/relocate'
import { removeTree } from '../workspace/remove-tree'
import type { FreeBytes } from '../workspace/room'
import { measure } from '../workspace/walk'
import { ensureFolder, locate, relativePath, type Workspace } from '../workspace/workspace'
import {
  type Batch,
  byAge,
  createBatch,
  heldPath,
  purgeBatch,
  readBatch,
  readBatches,
  removeLeftovers,
  saveSize,
} from './batch'

const KEPT_MS = 30 * 60_000

export interface TrashDeps {
  workspace: Workspace
  freeBytes: FreeBytes
  /** Milliseconds since the epoch. */
  now: () => number
  onFault: (error: unknown) => void
}

/** What was deleted and can come back for a while. All of it is on the disk; nothing is kept in memory. */
export class Trash {
  readonly #busy = new Set<string>()

  constructor(private readonly deps: TrashDeps) {}

  async list(): Promise<TrashView[]> {
    const batches = (await this.#all()).filter(({ held }) => held.length > 0)
    const ids = new Set(batches.map(({ id }) => id))
    const views = [...ids].map((id) => this.#view(batches.filter((batch) => batch.id === id)))
    return (await Promise.all(views)).sort((a, b) => (a.deletedAt < b.deletedAt ? 1 : -1))
  }

  /**
   * Deletes files and folders with all that is in them, all or none of them. A link goes, what it leads to stays. On
   * a disk too full for the trash's own note what was deleted before is purged; then what has no room goes for good.
   * @throws Refusal `busy` for what is being written, `not_found`
   */
  async put(paths: string[]): Promise<DeletionView> {
    const { workspace, now } = this.deps
    const targets = withoutNested(await Promise.all(paths.map((path) => locate(workspace, path))))
    for (const target of targets) {
      if (!(await lookAt(target))) throw gone()
      refuseWhileWriting(workspace, target)
    }
    const id = randomUUID()
    const deletedAt = new Date(now()).toISOString()
    const byArea = new Map<string, string[]>()
    for (const target of targets) {
      const area = await areaOf(workspace, dirname(target))
      byArea.set(area, [...(byArea.get(area) ?? []), target])
    }
    return this.#alone(id, () =>
      whileWriting(workspace, targets, async () => {
        const kept: Batch[] = []
        const homeless: string[] = []
        try {
          for (const [area, sources] of byArea) {
            const batch = await this.#keep({ id, area, deletedAt }, sources)
            if (batch) kept.push(batch)
            else homeless.push(...sources)
          }
        } catch (error) {
          for (const batch of kept) await this.#undo(batch)
          throw error
        }
        // Last, since nothing brings it back.
        for (const path of homeless) await removeTree(path)
        const notice = homeless.length > 0 ? deletedForGood(homeless.length) : null
        if (kept.length > 0) return { ...(await this.#view(kept)), notice }
        return { id, paths: [], size: 0, deletedAt, purgedAt: deletedAt, notice }
      }),
    )
  }

  /**
   * Puts everything back to where it was; beside what has taken its name meanwhile, as `name (restored)`.
   * @returns where it is now
   */
  async restore(id: string): Promise<{ paths: string[] }> {
    const { workspace } = this.deps
    return this.#alone(id, async () => {
      const restored: string[] = []
      for (const batch of await this.#find(id)) {
        const here = await this.#putBack(batch, async (path) => {
          const [, folder = ''] = /^(?:(.*)\/)?[^/]+$/s.exec(relativePath(workspace, path)) ?? []
          await ensureFolder(workspace, folder)
          const target = await locate(workspace, relativePath(workspace, path))
          return freeName(target, 'restored')
        })
        restored.push(...here)
      }
      return { paths: restored.map((path) => relativePath(workspace, path)) }
    })
  }

  /** Deletes for good. @throws Refusal `not_found` */
  async purge(id: string): Promise<void> {
    await this.#alone(id, async () => {
      for (const batch of await this.#find(id)) await purgeBatch(batch)
    })
  }

  /** @throws what kept one of them from going, after all others have gone */
  async purgeAll(): Promise<void> {
    const faults: unknown[] = []
    for (const batch of await this.#all()) await this.#purgeIfIdle(batch).catch((error) => faults.push(error))
    if (faults.length > 0) throw faults[0]
  }

  /** Deletes for good what was kept for long enough, and what a kill left half done. */
  async sweep(): Promise<void> {
    const before = this.deps.now() - KEPT_MS
    for (const area of await areasOf(this.deps.workspace))
      await removeLeftovers(area, before, this.deps.onFault)
    for (const batch of await this.#all()) if (Date.parse(batch.deletedAt) <= before) await this.#free(batch)
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
      await this.#free(batch)
      free = await freeBytes(target)
      if (free >= bytes) break
    }
    return free
  }

  /** @returns bytes that `makeRoom` could free for a file at `target`, an absolute path */
  async bytesBeside(target: string): Promise<number> {
    return sumOf(await this.#beside(target))
  }

  /** What was deleted from the disk that `target` is on, the oldest first. */
  async #beside(target: string): Promise<{ batch: Batch; size: number }[]> {
    const batches = await this.#batchesBeside(target)
    return Promise.all(batches.map(async (batch) => ({ batch, size: await this.#sizeOf(batch) })))
  }

  async #batchesBeside(target: string): Promise<Batch[]> {
    const { dev } = await stat(dirname(target))
    const batches: Batch[] = []
    // Folders that are bound from one disk share its room.
    for (const area of await areasOf(this.deps.workspace))
      if ((await stat(area)).dev === dev) batches.push(...(await readBatches(area)))
    return batches.sort(byAge)
  }

  /** @returns `undefined` when the disk has no room for it, though nothing else is left to purge there */
  async #keep(
    about: Pick<Batch, 'id' | 'area' | 'deletedAt'>,
    sources: string[],
  ): Promise<Batch | undefined> {
    const { workspace } = this.deps
    const paths = sources.map((source) => source.slice(about.area.length + 1))
    for (;;) {
      const batch: Batch = { ...about, paths, size: null, held: [] }
      try {
        await createBatch(batch)
        for (const [index, source] of sources.entries()) {
          await relocate(workspace, source, heldPath(batch, index))
          batch.held.push(index)
        }
        return batch
      } catch (error) {
        await this.#undo(batch)
        if (!isDiskFull(error)) throw error
        if (!(await this.#purgeOldest(join(about.area, 'x')))) return undefined
      }
    }
  }

  /** @returns whether one has gone from the disk that `target` is on */
  async #purgeOldest(target: string): Promise<boolean> {
    for (const batch of await this.#batchesBeside(target)) if (await this.#free(batch)) return true
    return false
  }

  /** After a failure: what has moved goes back, and what can't stays listed, so that it can be restored. */
  async #undo({ area, id }: Batch): Promise<void> {
    const { workspace } = this.deps
    const batch = await readBatch(area, id)
    if (!batch) return
    for (const index of batch.held)
      await relocate(workspace, heldPath(batch, index), join(area, batch.paths[index] ?? '')).catch((error) =>
        this.deps.onFault(error),
      )
    await purgeIfEmpty(batch)
  }

  async #putBack(batch: Batch, targetOf: (path: string) => Promise<string>): Promise<string[]> {
    const targets: string[] = []
    for (const index of batch.held) {
      const target = await targetOf(join(batch.area, batch.paths[index] ?? ''))
      await relocate(this.deps.workspace, heldPath(batch, index), target)
      targets.push(target)
    }
    await purgeIfEmpty(batch)
    return targets
  }

  async #all(): Promise<Batch[]> {
    const areas = await areasOf(this.deps.workspace)
    return (await Promise.all(areas.map(readBatches))).flat()
  }

  async #find(id: string): Promise<Batch[]> {
    const areas = await areasOf(this.deps.workspace)
    const batches = await Promise.all(areas.map((area) => readBatch(area, id)))
    const found = batches.filter((batch) => batch !== undefined)
    if (found.length === 0)
      throw new Refusal('not_found', 'That has been deleted for good or is back already.')
    return found
  }

  async #view(batches: Batch[]): Promise<TrashView> {
    const { id = '', deletedAt = '' } = batches[0] ?? {}
    const sizes = await Promise.all(batches.map((batch) => this.#sizeOf(batch)))
    const paths = batches.flatMap(({ area, paths, held }) =>
      held.map((index) => relativePath(this.deps.workspace, join(area, paths[index] ?? ''))),
    )
    const purgedAt = new Date(Date.parse(deletedAt) + KEPT_MS).toISOString()
    return { id, paths, size: sizes.reduce((sum, size) => sum + size, 0), deletedAt, purgedAt }
  }

  async #sizeOf(batch: Batch): Promise<number> {
    if (batch.size !== null) return batch.size
    const sizes = batch.held.map((index) => measure(heldPath(batch, index)).catch(() => 0))
    batch.size = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    await saveSize(batch).catch(() => {})
    return batch.size
  }

  /** @returns whether it has gone; what keeps it from going keeps nobody else from it */
  async #free(batch: Batch): Promise<boolean> {
    if (this.#busy.has(batch.id)) return false
    return this.#purgeIfIdle(batch).then(
      () => true,
      (error) => {
        this.deps.onFault(error)
        return false
      },
    )
  }

  async #purgeIfIdle(batch: Batch): Promise<void> {
    if (this.#busy.has(batch.id)) return
    // Another machine that shares the disk may have been quicker.
    await this.#alone(batch.id, () => purgeBatch(batch)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }

  async #alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw new Refusal('busy', 'That is being deleted or put back already.')
    this.#busy.add(id)
    try {
      return await work()
    } finally {
      this.#busy.delete(id)
    }
  }
}

/** What is on the disk counts: an entry may lie there that failed to leave its old place. */
async function purgeIfEmpty({ area, id }: Batch): Promise<void> {
  const batch = await readBatch(area, id)
  if (batch?.held.length === 0) await purgeBatch(batch)
}

const deletedForGood = (count: number) =>
  `The disk is full, so ${count === 1 ? '1 item was' : `${count} items were`} deleted for good and can’t be restored.`

const gone = () => new Refusal('not_found', 'That file or folder is no longer there.')

/** Whoever deletes a folder deletes what is in it, also when both were chosen. */
function withoutNested(paths: string[]): string[] {
  const all = new Set(paths)
  return [...all].filter((path) => {
    for (const other of all) if (path.startsWith(`${other}/`)) return false
    return true
  })
}

const sumOf = (held: { size: number }[]) => held.reduce((sum, { size }) => sum + size, 0)
