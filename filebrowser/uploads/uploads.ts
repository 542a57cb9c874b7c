import { open, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from '../refusal'
import { areaOf, areasOf } from '../workspace/areas'
import { refuseWhileWriting } from '../workspace/entries'
import { freeName } from '../workspace/free-name'
import { lookAt } from '../workspace/put-in-place'
import { relocate } from '../workspace/relocate'
import { type MakeRoom, takeRoom } from '../workspace/room'
import { ensureFolder, locate, relativePath, requireFree, type Workspace } from '../workspace/workspace'
import { dataPath, readRecords, removeRecord, saveRecord, type UploadRecord } from './record'
import { replace } from './replace'
import { uploadTarget } from './target'

/** Without a byte for so long it no longer keeps its folder from being moved, or another upload from its name. */
const IDLE_AFTER_MS = 2 * 60_000
const ABANDONED_AFTER_MS = 24 * 3600_000
/** For a client that missed the answer to its last byte. */
const FINISHED_KEPT_MS = 3600_000

interface Activity {
  /** Absolute. */
  target: string
  /** Requests under way. */
  open: number
  lastSeen: number
}

export interface UploadsDeps {
  workspace: Workspace
  makeRoom: MakeRoom
  /** Milliseconds since the epoch. */
  now: () => number
  onFault: (error: unknown) => void
}

/** Uploads that can be resumed, also after a restart: what matters of them is on the disk. */
export class Uploads {
  #records: Promise<Map<string, UploadRecord>> | undefined
  readonly #active = new Map<string, Activity>()
  readonly #finishing = new Map<string, Promise<void>>()
  /** Creations wait for each other, so that no two find one name free. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly deps: UploadsDeps) {}

  /** @throws Refusal before a byte is taken */
  create(id: string, size: number, metadata: Record<string, string | null>): Promise<void> {
    const created = this.#turn.then(() => this.#create(id, size, metadata))
    this.#turn = created.catch(() => {})
    return created
  }

  async #create(id: string, size: number, metadata: Record<string, string | null>) {
    const { workspace, now } = this.deps
    const { path, overwrite } = uploadTarget(metadata)
    await ensureFolder(workspace, dirname(path) === '.' ? '' : dirname(path))
    const target = await locate(workspace, path)
    const records = await this.#all()
    for (const other of records.values())
      if (other.path === path && !other.finished && !this.#isActive(other)) await this.remove(other.id)
    refuseWhileWriting(workspace, target)
    await requireUsable(target, overwrite)
    await takeRoom(size, target, this.deps)
    const area = await areaOf(workspace, dirname(target))
    const record = { id, path, size, overwrite, metadata, finished: false, area }
    await saveRecord(record)
    await writeFile(dataPath(record), '', { flag: 'wx' })
    records.set(id, record)
    this.#active.set(id, { target, open: 0, lastSeen: now() })
    workspace.writing.add(target)
    workspace.promised.set(target, size)
  }

  /** @returns `undefined` for one that never was, was given up, or has expired */
  async find(id: string): Promise<{ record: UploadRecord; offset: number } | undefined> {
    const record = (await this.#all()).get(id)
    if (!record) return undefined
    const data = record.finished ? undefined : await lookAt(dataPath(record))
    if (data) return { record, offset: data.size }
    const target = await locate(this.deps.workspace, record.path).catch(() => '')
    if ((await lookAt(target))?.size !== record.size) return undefined
    // Killed after the rename: it arrived.
    await this.#close(record)
    return { record, offset: record.size }
  }

  /**
   * Holds an upload's name while bytes of it come.
   * @param work is handed the file that they go to, and tells how many have gone there
   * @throws Refusal `disk_full` when what is missing has no room
   */
  async receive<T>(
    id: string,
    work: (path: string, onWritten: (bytes: number) => void) => Promise<T>,
  ): Promise<T> {
    const { workspace, now } = this.deps
    const found = await this.find(id)
    if (!found) throw new Refusal('not_found', 'There is no such upload. Begin it again.')
    const { record, offset } = found
    const target = await locate(workspace, record.path)
    const activity = this.#active.get(id) ?? { target, open: 0, lastSeen: now() }
    if (!workspace.writing.has(target)) refuseWhileWriting(workspace, target)
    const rest = record.size - offset
    await takeRoom(rest, target, this.deps)
    this.#active.set(id, activity)
    workspace.writing.add(target)
    workspace.promised.set(target, rest)
    activity.open++
    try {
      return await work(dataPath(record), (bytes) => workspace.promised.set(target, rest - bytes))
    } finally {
      activity.open--
      activity.lastSeen = now()
    }
  }

  /** Puts an upload whose last byte has come into its place; beside what has taken its name meanwhile. */
  finish(id: string): Promise<void> {
    const finished = this.#finishing.get(id) ?? this.#finish(id).finally(() => this.#finishing.delete(id))
    this.#finishing.set(id, finished)
    return finished
  }

  async #finish(id: string): Promise<void> {
    const found = await this.find(id)
    if (!found || found.record.finished) return
    const { record, offset } = found
    if (offset !== record.size) return
    const { workspace } = this.deps
    await flush(dataPath(record))
    await ensureFolder(workspace, dirname(record.path) === '.' ? '' : dirname(record.path))
    const target = await locate(workspace, record.path)
    const replaces = record.overwrite && !(await lookAt(target))?.isDirectory()
    const place = replaces ? target : await freeName(target, 'uploaded')
    await (replaces ? replace : relocate)(workspace, dataPath(record), place)
    await this.#close(record, relativePath(workspace, place))
  }

  async remove(id: string): Promise<void> {
    const record = (await this.#all()).get(id)
    if (!record) throw new Refusal('not_found', 'There is no such upload.')
    this.#release(id)
    ;(await this.#all()).delete(id)
    await removeRecord(record)
  }

  /** Finishes what a kill kept from it, lets go of names that nothing comes for, and forgets what was abandoned. */
  async sweep(): Promise<void> {
    const now = this.deps.now()
    for (const record of (await this.#all()).values()) {
      if (this.#isActive(record)) continue
      this.#release(record.id)
      await this.finish(record.id).catch(this.deps.onFault)
      await this.#forgetIfOld(record, now).catch(this.deps.onFault)
    }
  }

  async #forgetIfOld(record: UploadRecord, now: number) {
    const file = record.finished ? `${dataPath(record)}.json` : dataPath(record)
    const age = now - ((await lookAt(file))?.mtimeMs ?? 0)
    if (age > (record.finished ? FINISHED_KEPT_MS : ABANDONED_AFTER_MS)) await this.remove(record.id)
  }

  #all(): Promise<Map<string, UploadRecord>> {
    this.#records ??= areasOf(this.deps.workspace)
      .then((areas) => Promise.all(areas.map(readRecords)))
      .then((found) => new Map(found.flat().map((record) => [record.id, record])))
    return this.#records
  }

  #isActive({ id }: UploadRecord): boolean {
    const activity = this.#active.get(id)
    return !!activity && (activity.open > 0 || this.deps.now() - activity.lastSeen < IDLE_AFTER_MS)
  }

  async #close(record: UploadRecord, path = record.path) {
    // Whoever sums up what is promised may find it in its place before the one who put it there says so.
    if (record.finished) return
    Object.assign(record, { finished: true, path })
    this.#release(record.id)
    await saveRecord(record)
  }

  #release(id: string) {
    const activity = this.#active.get(id)
    if (activity) {
      this.deps.workspace.writing.delete(activity.target)
      this.deps.workspace.promised.delete(activity.target)
    }
    this.#active.delete(id)
  }
}

async function requireUsable(target: string, overwrite: boolean) {
  if (!overwrite) return requireFree(target)
  if ((await lookAt(target))?.isDirectory())
    throw new Refusal('already_exists', 'A folder of that name is already there.')
}

async function flush(path: string) {
  const file = await open(path, 'r')
  await file.sync().finally(() => file.close())
}
