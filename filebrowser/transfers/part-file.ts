import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'

// Larger writes cost the system more than they save: measured with `npm run bench download`.
const BATCH_BYTES = 512 * 1024
// Else the system collects gigabytes first, and the flush at the end would take as long again as the download.
const SYNC_BYTES = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024
// A link of that name is never written through, and a pipe never waited for.
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK
const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFELY

/** A half-written file that grows at its end, and the SHA-256 of all that is in it. */
export class PartFile {
  #handle: FileHandle | undefined
  #hash: Hash = createHash('sha256')
  #length = 0
  #batch: Uint8Array[] = []
  #batchBytes = 0
  /** The write that is under way; the next one is collected meanwhile. */
  #writing: Promise<void> = Promise.resolve()
  #syncing: Promise<void> = Promise.resolve()
  #onDisk = 0
  #syncedTo = 0

  constructor(readonly path: string) {}

  /** Bytes, those included that are still on their way to the disk. */
  get length(): number {
    return this.#length
  }

  /**
   * Goes on from what an earlier try left, after reading all of it.
   * @param onRead told of bytes read, and of how many there are
   */
  async takeUp(onRead: (read: number, of: number) => void, signal: AbortSignal): Promise<void> {
    const handle = await open(this.path, constants.O_RDWR | SAFELY).catch(() => undefined)
    const stats = await handle?.stat()
    // A link, or a file that somebody gave a second name, is not ours to write to.
    if (!handle || !stats?.isFile() || stats.nlink !== 1) {
      await handle?.close()
      return this.startOver()
    }
    this.#handle = handle
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    while (this.#length < stats.size) {
      signal.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#length)
      if (bytesRead === 0) break
      this.#hash.update(buffer.subarray(0, bytesRead))
      this.#length += bytesRead
      onRead(this.#length, stats.size)
    }
    this.#onDisk = this.#length
    this.#syncedTo = this.#length
  }

  /** Removes what is there; the next byte is the first. */
  async startOver(): Promise<void> {
    await this.close()
    await rm(this.path, { force: true })
    this.#hash = createHash('sha256')
    this.#length = 0
    this.#onDisk = 0
    this.#syncedTo = 0
  }

  /** @param bytes taken over: not to be changed afterwards */
  async append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#length += bytes.length
    this.#batch.push(bytes)
    this.#batchBytes += bytes.length
    if (this.#batchBytes >= BATCH_BYTES) await this.#write()
  }

  /** Resolves when everything is with the operating system. */
  async flush(): Promise<void> {
    await this.#write()
    await this.#writing
  }

  /** @returns the SHA-256 in lower-case hex, with every byte safe from a power failure */
  async finish(): Promise<string> {
    await this.flush()
    // An empty file has had no first byte.
    this.#handle ??= await open(this.path, ANEW)
    await this.#syncing
    await this.#handle.sync()
    return this.#hash.copy().digest('hex')
  }

  /** Writes what is left, if the disk lets it, and gives the file back. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined)
    this.#batch = []
    this.#batchBytes = 0
    await this.#syncing.catch(() => undefined)
    this.#writing = Promise.resolve()
    this.#syncing = Promise.resolve()
    await this.#handle?.close()
    this.#handle = undefined
  }

  /** Begins a write as soon as the one before has ended. */
  async #write(): Promise<void> {
    await this.#writing
    if (this.#batch.length === 0) return
    const batch = this.#batch
    this.#batch = []
    this.#batchBytes = 0
    this.#handle ??= await open(this.path, ANEW)
    this.#writing = this.#writeAll(this.#handle, batch)
    // Whoever waits for it next is told; until then it is nobody's.
    this.#writing.catch(() => undefined)
  }

  async #writeAll(handle: FileHandle, batch: Uint8Array[]): Promise<void> {
    let rest = batch
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest, this.#onDisk)
      this.#onDisk += bytesWritten
      rest = after(rest, bytesWritten)
    }
    if (this.#onDisk - this.#syncedTo < SYNC_BYTES) return
    await this.#syncing
    this.#syncedTo = this.#onDisk
    this.#syncing = handle.datasync()
    this.#syncing.catch(() => undefined)
  }
}

/** What is left to be written: a nearly full disk takes less than it is given. */
function after(batch: Uint8Array[], written: number): Uint8Array[] {
  let skipped = 0
  for (const [index, bytes] of batch.entries()) {
    if (skipped + bytes.length > written)
      return [bytes.subarray(written - skipped), ...batch.slice(index + 1)]
    skipped += bytes.length
  }
  return []
}
