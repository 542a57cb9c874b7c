import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../workspace/place'
import { isDraft, writeState } from '../workspace/state-files'
import { limited } from './limited'
import { type DownloadRecord, recordSchema } from './record'

/** Each holds a file open. */
const FILES_AT_ONCE = 16
const NAME = /^([0-9a-f-]{36})\.json$/

/** The downloads as they are kept on the disk, one file each. */
export interface DownloadStore {
  /** All of them, first come first; what can't be read is put aside and `onDamaged` told so in a sentence. */
  load(onDamaged: (sentence: string) => void): Promise<DownloadRecord[]>
  /** Resolves when this, or something newer of the same download, would outlast a power cut. */
  save(record: DownloadRecord): Promise<void>
  /** Fine when there is none. */
  remove(id: string): Promise<void>
  /** Waits for what is being written. */
  settle(): Promise<void>
}

/** @param folder absolute; made with the first record */
export function openStore(folder: string): DownloadStore {
  const pathOf = (id: string) => join(folder, `${id}.json`)
  const inTurn = limited(FILES_AT_ONCE)
  const sync = shared(() => syncFolder(folder))
  /** What is to be on the disk and is not yet; null for nothing. */
  const wanted = new Map<string, string | null>()
  const last = new Map<string, Promise<void>>()

  async function put(id: string) {
    const text = wanted.get(id)
    // Written meanwhile, together with something newer.
    if (text === undefined) return
    wanted.delete(id)
    try {
      await inTurn(() => (text === null ? rm(pathOf(id), { force: true }) : writeState(pathOf(id), text)))
      if (text !== null) await sync()
    } catch (error) {
      if (!wanted.has(id)) wanted.set(id, text)
      throw error
    }
  }

  /** One at a time for each download, so that the newest is what stays. */
  function enqueue(id: string, text: string | null): Promise<void> {
    wanted.set(id, text)
    const before = last.get(id)
    const own = before ? before.catch(() => undefined).then(() => put(id)) : put(id)
    last.set(id, own)
    const forget = () => void (last.get(id) === own && last.delete(id))
    own.then(forget, forget)
    return own
  }

  async function read(name: string): Promise<DownloadRecord | undefined> {
    if (isDraft(name)) await rm(join(folder, name), { force: true })
    const id = NAME.exec(name)?.[1]
    if (!id) return undefined
    const record = recordSchema.parse(JSON.parse(await readFile(pathOf(id), 'utf8')))
    if (record.id !== id) throw new Error('It is of another download.')
    return record
  }

  async function putAside(name: string): Promise<void> {
    await mkdir(join(folder, 'damaged'), { recursive: true, mode: 0o700 })
    await rename(join(folder, name), join(folder, 'damaged', name))
  }

  return {
    async load(onDamaged) {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      const readOrPutAside = (name: string) =>
        read(name).catch(async () => {
          await putAside(name)
          onDamaged(
            `The record ${name} of a download can’t be read: it is damaged, or of a newer version. ` +
              `It was put aside as ${join(folder, 'damaged', name)}.`,
          )
          return undefined
        })
      const found = await Promise.all(names.map((name) => inTurn(() => readOrPutAside(name))))
      return found.filter((record) => !!record).sort((a, b) => a.number - b.number)
    },
    save: (record) => enqueue(record.id, JSON.stringify(record)),
    remove: (id) => enqueue(id, null),
    async settle() {
      await Promise.allSettled(last.values())
    },
  }
}

/** Those who ask while one is under way share the one after it. */
function shared(job: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    if (next) return next
    const begin = () => {
      next = undefined
      current = job()
      return current
    }
    next = current.then(begin, begin)
    return next
  }
}
