import { randomUUID } from 'node:crypto'
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
import { ensureFolder, locate, relativePath, type Workspace } from '../workspace/workspace'
import { type Batch, createBatch, heldPath, purgeBatch, readBatch, removeLeftovers } from './batch'
import { Batches } from './batches'

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
  /** All that is held, and the room that it takes. */
  readonly batches: Batches

  constructor(private readonly deps: TrashDeps) {
    this.batches = new Batches(deps)
  }

  async list(): Promise<TrashView[]> {
    const batches = (await this.batches.all()).filter(({ held }) => held.length > 0)
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
    return this.batches.alone(id, () =>
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
    return this.batches.alone(id, async () => {
      const restored: string[] = []
      for (const batch of await this.batches.find(id)) {
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
    await this.batches.alone(id, async () => {
      for (const batch of await this.batches.find(id)) await purgeBatch(batch)
    })
  }

  /** @throws what kept one of them from going, after all others have gone */
  async purgeAll(): Promise<void> {
    const faults: unknown[] = []
    for (const batch of await this.batches.all())
      await this.batches.purgeIfIdle(batch).catch((error) => faults.push(error))
    if (faults.length > 0) throw faults[0]
  }

  /** Deletes for good what was kept for long enough, and what a kill left half done. */
  async sweep(): Promise<void> {
    const before = this.deps.now() - KEPT_MS
    for (const area of await areasOf(this.deps.workspace))
      await removeLeftovers(area, before, this.deps.onFault)
    for (const batch of await this.batches.all())
      if (Date.parse(batch.deletedAt) <= before) await this.batches.free(batch)
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
        if (!(await this.batches.purgeOldest(join(about.area, 'x')))) return undefined
      }
    }
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

  async #view(batches: Batch[]): Promise<TrashView> {
    const { id = '', deletedAt = '' } = batches[0] ?? {}
    const sizes = await Promise.all(batches.map((batch) => this.batches.sizeOf(batch)))
    const paths = batches.flatMap(({ area, paths, held }) =>
      held.map((index) => relativePath(this.deps.workspace, join(area, paths[index] ?? ''))),
    )
    const purgedAt = new Date(Date.parse(deletedAt) + KEPT_MS).toISOString()
    return { id, paths, size: sizes.reduce((sum, size) => sum + size, 0), deletedAt, purgedAt }
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
