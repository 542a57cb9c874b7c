import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TrashView } from '../contract'
import { Refusal } from '../refusal'
import { areaOf, areasOf } from '../workspace/areas'
import { refuseWhileWriting, whileWriting } from '../workspace/entries'
import { freeName } from '../workspace/free-name'
import { lookAt } from '../workspace/put-in-place'
import { relocate } from '../workspace/relocate'
import { measure } from '../workspace/walk'
import { ensureFolder, locate, relativePath, type Workspace } from '../workspace/workspace'
import type { FreeBytes } from '../workspace/write-whole'
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
   * Deletes files and folders with all that is in them, all or none of them. A link goes, what it leads to stays.
   * @throws Refusal `busy` for what is being written, `not_found`
   */
  async put(paths: string[]): Promise<TrashView> {
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
        const batches: Batch[] = []
        try {
          for (const [area, sources] of byArea) {
            const inArea = sources.map((source) => source.slice(area.length + 1))
            const batch: Batch = { id, area, deletedAt, paths: inArea, size: null, held: [] }
            await createBatch(batch)
            batches.push(batch)
            for (const [index, source] of sources.entries()) {
              await relocate(source, heldPath(batch, index))
              batch.held.push(index)
            }
          }
        } catch (error) {
          for (const batch of batches) await this.#putBack(batch, (path) => path)
          throw error
        }
        return this.#view(batches)
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

  async purgeAll(): Promise<void> {
    for (const batch of await this.#all()) await this.#purgeIfIdle(batch)
  }

  /** Deletes for good what was kept for long enough, and what a kill left half done. */
  async sweep(): Promise<void> {
    const before = this.deps.now() - KEPT_MS
    for (const area of await areasOf(this.deps.workspace)) await removeLeftovers(area, before)
    for (const batch of await this.#all())
      if (Date.parse(batch.deletedAt) <= before) await this.#purgeIfIdle(batch)
  }

  /**
   * Gives up what was deleted longest ago until a file fits, and nothing if it still would not.
   * @param target absolute path of the file
   * @returns bytes that the file may take now
   */
  async makeRoom(bytes: number, target: string): Promise<number> {
    const { workspace, freeBytes } = this.deps
    let free = await freeBytes(target)
    if (free >= bytes) return free
    const { dev } = await stat(dirname(target))
    const batches: Batch[] = []
    // Folders that are bound from one disk share its room.
    for (const area of await areasOf(workspace))
      if ((await stat(area)).dev === dev) batches.push(...(await readBatches(area)))
    batches.sort(byAge)
    const sizes = await Promise.all(batches.map((batch) => this.#sizeOf(batch)))
    if (free + sizes.reduce((sum, size) => sum + size, 0) < bytes) return free
    for (const batch of batches) {
      await this.#purgeIfIdle(batch)
      free = await freeBytes(target)
      if (free >= bytes) break
    }
    return free
  }

  async #putBack(batch: Batch, targetOf: (path: string) => string | Promise<string>): Promise<string[]> {
    const targets: string[] = []
    for (const index of batch.held) {
      const target = await targetOf(join(batch.area, batch.paths[index] ?? ''))
      await relocate(heldPath(batch, index), target)
      targets.push(target)
    }
    await purgeBatch(batch)
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

const gone = () => new Refusal('not_found', 'That file or folder is no longer there.')

/** Whoever deletes a folder deletes what is in it, also when both were chosen. */
function withoutNested(paths: string[]): string[] {
  const all = new Set(paths)
  return [...all].filter((path) => {
    for (const other of all) if (path.startsWith(`${other}/`)) return false
    return true
  })
}
