import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../workspace/workspace'
import type { HashIndex } from './hash-index'

const FILES_MAX = 100_000
const FOLDERS_MAX = 20_000
/** What one question may read of files that nobody has read yet; the next one goes on from there. */
const READ_MAX_BYTES = 32 * 1024 ** 3

interface Found {
  /** Absolute. */
  path: string
  size: number
}

export interface WantedContent {
  sha256: string
  /** Bytes, and by how much that may be off. */
  size: number
  sizeTolerance: number
}

/** The model files that are here, looked at once; answers whether a certain content is among them. */
export class Survey {
  #left = READ_MAX_BYTES

  private constructor(
    private readonly workspace: Workspace,
    private readonly index: HashIndex,
    private readonly files: Found[],
    private readonly signal: AbortSignal,
  ) {}

  /** Lists what is below `models`; links are not followed, half-written files are left out. */
  static async of(workspace: Workspace, index: HashIndex, signal: AbortSignal): Promise<Survey> {
    const files: Found[] = []
    const folders = [join(workspace.root, 'models')]
    for (let seen = 0; seen < folders.length && seen < FOLDERS_MAX && files.length < FILES_MAX; seen++) {
      signal.throwIfAborted()
      const folder = folders[seen] as string
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
      const visible = entries.filter(({ name }) => !name.startsWith('.slipway'))
      for (const entry of visible.filter((each) => each.isDirectory())) folders.push(join(folder, entry.name))
      const paths = visible.filter((each) => each.isFile()).map(({ name }) => join(folder, name))
      const sizes = await Promise.all(
        paths.map((path) =>
          lstat(path).then(
            ({ size }) => size,
            () => -1,
          ),
        ),
      )
      for (const [at, path] of paths.entries()) files.push({ path, size: sizes[at] ?? -1 })
    }
    return new Survey(workspace, index, files, signal)
  }

  /**
   * Where this content is, relative to the workspace. Only files of that size are read, those that were read before
   * not again.
   */
  async find({ sha256, size, sizeTolerance }: WantedContent): Promise<string | undefined> {
    const fitting = this.files.filter((file) => Math.abs(file.size - size) <= sizeTolerance)
    for (const { path } of fitting) if ((await this.index.known(path)) === sha256) return this.#relative(path)
    for (const file of fitting) if ((await this.#read(file)) === sha256) return this.#relative(file.path)
    return undefined
  }

  /** Whether the file at this path, relative to the workspace, has this content, as far as one question may read. */
  async isSame(path: string, { sha256, size, sizeTolerance }: WantedContent): Promise<boolean> {
    const file = this.files.find((each) => this.#relative(each.path) === path)
    return !!file && Math.abs(file.size - size) <= sizeTolerance && (await this.#read(file)) === sha256
  }

  /** The SHA-256 of the file at this path, if it is known or quickly found. */
  async sha256Of(path: string): Promise<string | undefined> {
    const file = this.files.find((each) => this.#relative(each.path) === path)
    return file && (await this.#read(file))
  }

  /** The same without reading anything. */
  knownSha256Of(path: string): Promise<string | undefined> {
    return this.index.known(join(this.workspace.root, path))
  }

  /** The paths, relative to the workspace, of files that are called so. */
  named(name: string): string[] {
    const end = `/${name}`
    return this.files.map(({ path }) => this.#relative(path)).filter((path) => path.endsWith(end))
  }

  async #read({ path, size }: Found): Promise<string | undefined> {
    const known = await this.index.known(path)
    if (known || size > this.#left) return known
    this.#left -= size
    return this.index.sha256Of(path, this.signal)
  }

  #relative = (path: string) => path.slice(this.workspace.root.length + 1)
}
