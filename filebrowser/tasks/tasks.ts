import { randomUUID } from 'node:crypto'
import { lstat, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RefusalView, TaskView } from '../contract'
import { Refusal, toRefusal } from '../refusal'
import { copyTree } from '../workspace/copy-tree'
import { refuseIntoItself, refuseWhileWriting, whileWriting } from '../workspace/entries'
import { freeName } from '../workspace/free-name'
import { partPath } from '../workspace/parts'
import { putInPlace } from '../workspace/put-in-place'
import { relocate } from '../workspace/relocate'
import { type MakeRoom, takeRoom } from '../workspace/room'
import { measure } from '../workspace/walk'
import { locate, requireFree, resolveExisting, type Workspace } from '../workspace/workspace'
import { forgetTask, noteTask } from './journal'

const KEPT_MAX = 20
const NOTIFY_EVERY_MS = 250

export interface TaskRequest {
  kind: 'copy' | 'move'
  paths: string[]
  folder: string
}

interface Task {
  view: TaskView
  controller: AbortController
  /** Settles when nothing of it runs any more. */
  ended: Promise<void>
}

export interface TasksDeps {
  workspace: Workspace
  /** @returns bytes that a file at that absolute path may take, after giving up for it what was deleted */
  makeRoom: MakeRoom
  onFault: (error: unknown) => void
}

/** Copies and moves of this session, newest first; the last 20 that have ended are kept. */
export class Tasks {
  readonly #tasks = new Map<string, Task>()
  readonly #listeners = new Set<() => void>()
  #soon: NodeJS.Timeout | undefined

  constructor(private readonly deps: TasksDeps) {}

  list(): TaskView[] {
    return [...this.#tasks.values()].map(({ view }) => view).reverse()
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Begins to copy or move entries into a folder and answers at once.
   * @throws Refusal for what can be told before the first byte: nothing has been done then
   */
  async start({ kind, paths, folder }: TaskRequest): Promise<TaskView> {
    const { workspace } = this.deps
    const into = await resolveExisting(workspace, folder)
    if (!(await lstat(into)).isDirectory()) throw new Refusal('bad_path', 'Choose a folder as the target.')
    const sources = await Promise.all(paths.map((path) => locate(workspace, path)))
    for (const source of sources) {
      await lstat(source)
      refuseIntoItself(source, join(into, basename(source)))
      refuseWhileWriting(workspace, source)
      if (kind === 'move') await requireFree(join(into, basename(source)))
    }
    const view: TaskView = {
      id: randomUUID(),
      kind,
      folder,
      paths,
      finished: 0,
      state: 'running',
      copied: 0,
      size: 0,
      error: null,
    }
    const controller = new AbortController()
    const ended = this.#run(view, sources, into, controller.signal)
    this.#tasks.set(view.id, { view, controller, ended })
    this.#forgetOldest()
    this.#notify()
    return view
  }

  /** Ends a task, or takes one that has ended off the list. @throws Refusal `not_found` */
  async cancel(id: string): Promise<void> {
    const task = this.#tasks.get(id)
    if (!task) throw new Refusal('not_found', 'There is no such task.')
    if (task.view.state !== 'running') {
      this.#tasks.delete(id)
      return this.#notify()
    }
    task.controller.abort()
    await task.ended
  }

  async close(): Promise<void> {
    for (const { controller } of this.#tasks.values()) controller.abort()
    await Promise.all([...this.#tasks.values()].map(({ ended }) => ended))
  }

  async #run(view: TaskView, sources: string[], into: string, signal: AbortSignal): Promise<void> {
    const { workspace } = this.deps
    try {
      await noteTask(workspace, view.id, view.folder)
      for (const source of sources) view.size += await measure(source, signal)
      if (view.kind === 'copy') await takeRoom(view.size, join(into, 'x'), this.deps)
      for (const source of sources) {
        signal.throwIfAborted()
        await this.#one(view, source, into, signal)
        view.finished++
      }
      this.#end(view, 'done')
    } catch (error) {
      if (signal.aborted) return this.#end(view, 'canceled')
      this.#end(view, 'failed', this.#explain(error))
    } finally {
      await forgetTask(workspace, view.id).catch(this.deps.onFault)
    }
  }

  async #one(view: TaskView, source: string, into: string, signal: AbortSignal): Promise<void> {
    const { workspace } = this.deps
    const before = view.copied
    const onBytes = (bytes: number) => {
      view.copied += bytes
      this.#notifySoon()
    }
    const part = partPath(into, view.id)
    if (view.kind === 'move') {
      const target = join(into, basename(source))
      const size = await measure(source, signal)
      await whileWriting(workspace, [source, target], () =>
        relocate(source, target, { signal, onBytes }, part),
      )
      // Renamed, not one byte was copied.
      view.copied = before + size
      return
    }
    await whileWriting(workspace, [part], async () => {
      try {
        await copyTree(source, part, { signal, onBytes })
        await putInPlace(part, await freeName(join(into, basename(source)), 'copy'))
      } catch (error) {
        await rm(part, { recursive: true, force: true })
        throw error
      }
    })
  }

  #explain(error: unknown): RefusalView {
    const refusal = toRefusal(error)
    if (!refusal) this.deps.onFault(error)
    const { code, message, link } = refusal ?? new Refusal('internal', 'Something unforeseen went wrong.')
    return { code, message, link }
  }

  #end(view: TaskView, state: TaskView['state'], error: RefusalView | null = null) {
    Object.assign(view, { state, error })
    this.#notify()
  }

  #notify() {
    clearTimeout(this.#soon)
    this.#soon = undefined
    for (const listener of this.#listeners) listener()
  }

  /** For what changes many times a second. */
  #notifySoon() {
    this.#soon ??= setTimeout(() => this.#notify(), NOTIFY_EVERY_MS).unref()
  }

  #forgetOldest() {
    let ended = [...this.#tasks.values()].filter(({ view }) => view.state !== 'running').length
    for (const [id, { view }] of this.#tasks) {
      if (ended <= KEPT_MAX) return
      if (view.state === 'running') continue
      this.#tasks.delete(id)
      ended--
    }
  }
}
