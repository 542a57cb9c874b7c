import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mapBounded } from './concurrency'
import { isReserved } from './reserved'

interface WalkOptions {
  signal?: AbortSignal
  /** Also what is reserved: for whoever moves the whole. */
  all?: boolean
  /** Told of a folder that can't be read; without it that ends the walk. */
  onUnreadable?: (error: unknown) => void
}

export interface WalkedFolder {
  /** Absolute. */
  path: string
  /** Relative to where the walk began; `''` there. */
  relative: string
  dirents: Dirent[]
}

/** Every folder below one, itself first and each before those in it. Links are told of, never followed. */
export async function* walk(
  folder: string,
  { signal, all = false, onUnreadable }: WalkOptions = {},
): AsyncGenerator<WalkedFolder> {
  const rest = ['']
  for (let relative = rest.pop(); relative !== undefined; relative = rest.pop()) {
    signal?.throwIfAborted()
    const path = join(folder, relative)
    try {
      const found = await readdir(path, { withFileTypes: true })
      const dirents = all ? found : found.filter(({ name }) => !isReserved(name))
      for (const dirent of dirents) if (dirent.isDirectory()) rest.push(join(relative, dirent.name))
      yield { path, relative, dirents }
    } catch (error) {
      if (!onUnreadable) throw error
      onUnreadable(error)
    }
  }
}

/** Bytes of all files at and below a path, as far as they can be seen. */
export async function measure(path: string, signal?: AbortSignal): Promise<number> {
  const own = await lstat(path)
  if (!own.isDirectory()) return own.isFile() ? own.size : 0
  let bytes = 0
  for await (const folder of walk(path, { signal, all: true, onUnreadable: () => {} })) {
    const files = folder.dirents.filter((dirent) => dirent.isFile())
    const sizes = await mapBounded(files, ({ name }) =>
      lstat(join(folder.path, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
    for (const size of sizes) bytes += size
  }
  return bytes
}
