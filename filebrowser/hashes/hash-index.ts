import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import * as z from 'zod'
import { writeState } from '../workspace/state-files'

const entrySchema = z.object({
  size: z.number(),
  mtimeMs: z.number(),
  inode: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
const indexSchema = z.object({ version: z.literal(1), files: z.record(z.string(), entrySchema) })
type Entry = z.infer<typeof entrySchema>

const ENTRIES_MAX = 50_000
const CHUNK_BYTES = 1024 * 1024

/**
 * Which SHA-256 the files of the workspace have, as far as anybody has read them: by path, and only as long as size,
 * time and inode are those of the reading. It is kept in one file; without it everything is only slower.
 */
export class HashIndex {
  readonly #entries: Map<string, Entry>
  #saving: Promise<void> = Promise.resolve()
  /** One file at a time: a disk that reads two is slower with both. */
  #reading: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly root: string,
    private readonly file: string,
    entries: Map<string, Entry>,
  ) {
    this.#entries = entries
  }

  /** @param root real path of the workspace */
  static async open(root: string): Promise<HashIndex> {
    const file = join(root, '.slipway/hashes.json')
    const text = await readFile(file, 'utf8').catch(() => '')
    return new HashIndex(root, file, readEntries(text))
  }

  /** Takes over what a download has computed on the way. @param path absolute */
  async remember(path: string, sha256: string): Promise<void> {
    const found = await stat(path)
    this.#put(path, { size: found.size, mtimeMs: found.mtimeMs, inode: found.ino, sha256 })
    await this.#save()
  }

  /** The file's SHA-256, if it was read since it was changed. @param path absolute */
  async known(path: string): Promise<string | undefined> {
    const entry = this.#entries.get(this.#key(path))
    const found = entry && (await stat(path).catch(() => undefined))
    const isSame =
      found && found.size === entry.size && found.mtimeMs === entry.mtimeMs && found.ino === entry.inode
    return isSame ? entry.sha256 : undefined
  }

  /**
   * The file's SHA-256, read if need be.
   * @param path absolute
   * @returns `undefined` when it changed meanwhile or can't be read
   */
  async sha256Of(path: string, signal: AbortSignal): Promise<string | undefined> {
    const own = this.#reading.then(async () => (await this.known(path)) ?? this.#read(path, signal))
    this.#reading = own.catch(() => undefined)
    return own
  }

  async #read(path: string, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted()
    try {
      const before = await stat(path)
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }))
        hash.update(chunk)
      const after = await stat(path)
      if (before.mtimeMs !== after.mtimeMs || before.size !== after.size || before.ino !== after.ino)
        return undefined
      const sha256 = hash.digest('hex')
      this.#put(path, { size: after.size, mtimeMs: after.mtimeMs, inode: after.ino, sha256 })
      await this.#save()
      return sha256
    } catch {
      // Why nobody wants it any more says more than that the reading was broken off.
      signal.throwIfAborted()
      return undefined
    }
  }

  #key = (path: string) => relative(this.root, path)

  #put(path: string, entry: Entry) {
    this.#entries.delete(this.#key(path))
    this.#entries.set(this.#key(path), entry)
    // The oldest first, which are the likeliest to be gone.
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) return
      this.#entries.delete(key)
    }
  }

  /** A disk that is full, or a folder that is read-only, costs a second reading and nothing else. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => {
      const files = Object.fromEntries(this.#entries)
      return writeState(this.file, JSON.stringify({ version: 1, files })).catch(() => undefined)
    })
    return this.#saving
  }
}

function readEntries(text: string): Map<string, Entry> {
  try {
    return new Map(Object.entries(indexSchema.parse(JSON.parse(text)).files))
  } catch {
    return new Map()
  }
}
