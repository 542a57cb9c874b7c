import { isPickle } from '~/providers/models/formats'
import type { ModelFile } from '~/providers/models/issuer'
import { Refusal as AnyRefusal, inAMoment } from '~/providers/refusal'
import { Refusal } from '../refusal'
import { place } from '../workspace/place'
import { roomFor, takeRoom } from '../workspace/room'
import type { Asker } from './asker'
import { NO_REST, SPOILT, whyNotTheSame } from './content'
import type { Content, TransferDeps, TransferProgress, Transferred } from './contract'
import { differs, type OpenedBytes, openBytes } from './open-bytes'
import { PartFile } from './part-file'
import type { Target } from './target'

/** One file on its way: the bytes that are there, and what they belong to. */
export class Fetching {
  readonly #part: PartFile
  #content: Content | undefined
  /** Whether bytes of different answers were put together; once, what comes out wrong is fetched in one piece. */
  #isPieced = false
  #mayBeginAgain = true

  constructor(
    private readonly deps: TransferDeps,
    private readonly target: Target,
    private readonly progress: TransferProgress,
  ) {
    this.#part = new PartFile(target.part)
  }

  /** Goes on from what an earlier try left, if it is of the file that the issuer describes now. */
  async takeUp(file: ModelFile, known: Content | undefined, signal: AbortSignal): Promise<void> {
    if (!known || whyNotTheSame(known, file)) {
      if (known) this.progress.onNotice(whyNotTheSame(known, file) ?? '')
      await this.#part.startOver()
      return this.#describe(file)
    }
    await this.#set({ ...known, folder: this.target.folder, name: this.target.name })
    await this.#part.takeUp(this.progress.onVerifying, signal)
    this.#isPieced = this.#part.length > 0
    this.progress.onBytes(this.#part.length)
  }

  /** Sees whether the issuer still describes the same file; asked again after every interruption. */
  async compare(file: ModelFile): Promise<void> {
    const why = this.#content && this.#part.length > 0 && whyNotTheSame(this.#content, file)
    if (why) await this.#beginAgain(why)
    if (why || !this.#content) await this.#describe(file)
  }

  /**
   * Fetches what is missing.
   * @param onProgress told how many bytes there are
   */
  async fetchRest(file: ModelFile, asker: Asker, onProgress: (received: number) => void): Promise<void> {
    const { size, sizeTolerance } = file
    if (size !== undefined && this.#part.length > size + sizeTolerance) await this.#beginAgain(NO_REST)
    if (this.#part.length > 0 && sizeTolerance === 0 && this.#part.length === size) return
    // Some sources count how often one begins to fetch.
    if (size !== undefined)
      await takeRoom(Math.max(0, size - this.#part.length), this.target.whole, this.deps)
    const wanted = { from: this.#part.length, etag: this.#content?.etag ?? null }
    const opened = await asker.open((asking) => openBytes(file, wanted, asking))
    try {
      await this.#prepare(opened, file)
      await this.#receive(opened, file, onProgress)
    } catch (error) {
      // A pause may follow, and a kill in it. That the disk is full would be the more telling reason.
      await this.#part.flush()
      throw error
    } finally {
      opened.close()
    }
  }

  /** @returns what is now in place, or `undefined` when it has to be fetched again, from its first byte */
  async finish(file: ModelFile): Promise<Transferred | undefined> {
    const part = this.#part
    const sha256 = await part.finish()
    if (file.sha256 && sha256 !== file.sha256) {
      if (!this.#isPieced || !this.#mayBeginAgain) throw await this.#discard(wrongHash())
      this.#mayBeginAgain = false
      await this.#beginAgain(SPOILT)
      return undefined
    }
    if (differs(part.length, file)) throw await this.#discard(wrongSize(part.length, file))
    await part.close()
    await place(part.path, this.target.whole)
    const hasSize = (this.#content?.size ?? null) !== null
    const verified = file.sha256 ? 'sha256' : hasSize ? 'size' : null
    return { path: this.target.path, size: part.length, sha256, verified }
  }

  /** Leaves what is there for a later try; on a full disk the room is worth more. */
  async end(error: unknown): Promise<Error | undefined> {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      await this.#part.close()
      return undefined
    }
    return this.#discard(
      new Refusal(
        'disk_full',
        'The disk ran full. What had arrived was removed, so that there is room again. Delete something and try again.',
      ),
    )
  }

  async #prepare({ from, size, etag }: OpenedBytes, file: ModelFile): Promise<void> {
    if (size !== null && differs(size, file)) throw await this.#discard(wrongSize(size, file))
    if (from !== this.#part.length) await this.#beginAgain(NO_REST)
    this.#isPieced ||= from > 0
    const content = this.#content as Content
    const known = { size: size ?? content.size, etag: etag ?? (from > 0 ? content.etag : null) }
    if (known.size !== content.size || known.etag !== content.etag) await this.#set({ ...content, ...known })
    const left = Math.max(0, (known.size ?? 0) - from)
    await takeRoom(left, this.target.whole, this.deps)
    this.deps.workspace.promised.set(this.target.whole, left)
  }

  async #receive(
    { size, bytes }: OpenedBytes,
    file: ModelFile,
    onProgress: (received: number) => void,
  ): Promise<void> {
    const part = this.#part
    const most = file.size === undefined ? undefined : file.size + file.sizeTolerance
    const announced = size ?? most
    const limit = announced ?? part.length + (await roomFor(0, this.target.whole, this.deps))
    for await (const chunk of bytes) {
      if (part.length + chunk.length > limit)
        throw await this.#discard(
          announced === undefined ? endless() : wrongSize(part.length + chunk.length, file, limit),
        )
      await part.append(chunk)
      // Of an unknown size nothing is promised: it would be all that is free, and nobody else's any more.
      if (announced !== undefined)
        this.deps.workspace.promised.set(this.target.whole, announced - part.length)
      onProgress(part.length)
      this.progress.onBytes(part.length)
    }
    if (size !== null && part.length < size) throw brokenOff()
  }

  async #describe(file: ModelFile): Promise<void> {
    await this.#set({
      name: this.target.name,
      folder: this.target.folder,
      size: file.size ?? null,
      sha256: file.sha256 ?? null,
      version: file.version ?? null,
      etag: null,
    })
  }

  async #set(content: Content): Promise<void> {
    this.#content = content
    await this.progress.onFile({ ...content, pickle: isPickle(content.name) })
  }

  /** The bytes go before anybody writes down that they belong to something else. */
  async #beginAgain(notice: string): Promise<void> {
    await this.#part.startOver()
    this.#isPieced = false
    this.progress.onNotice(notice)
    this.progress.onBytes(0)
  }

  async #discard(refusal: Refusal): Promise<Refusal> {
    await this.#part.startOver()
    return refusal
  }
}

const wrongHash = () =>
  new Refusal(
    'hash_mismatch',
    'What arrived is not the file that the issuer promised (its SHA-256 differs). It was thrown away; try again.',
  )
const wrongSize = (bytes: number, { size }: ModelFile, announced = size) =>
  new Refusal(
    'size_mismatch',
    `The file should have ${size ?? announced} bytes and came with ${bytes}. It was thrown away; try again.`,
  )
const endless = () =>
  new Refusal('disk_full', 'The file is larger than the disk has room for. Delete something first.')
const brokenOff = () =>
  inAMoment(
    new AnyRefusal('network', 'The connection broke off before all of the file was there. Try again.'),
  )
