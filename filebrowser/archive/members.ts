import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { walk } from '../workspace/walk'
import { relativePath, resolveExisting, type Workspace } from '../workspace/workspace'

/** A file or a folder of an archive. */
export interface Member {
  /** Absolute; null for a folder. */
  file: string | null
  /** In the archive. */
  name: string
}

/**
 * Everything at and below the paths. A link to a file inside counts as the file; one that leads out, or to a folder,
 * is left out.
 * @param paths as they came from outside, and where they are
 */
export async function* members(
  workspace: Workspace,
  paths: { path: string; real: string }[],
  signal: AbortSignal,
): AsyncGenerator<Member> {
  const taken = new Set<string>()
  for (const { path, real } of paths) {
    const top = path === '' ? '' : unlike(basename(path), taken)
    if (!(await stat(real)).isDirectory()) {
      yield { file: real, name: top }
      continue
    }
    for await (const { path: folder, relative, dirents } of walk(real, { signal, onUnreadable: () => {} })) {
      const prefix = join(top, relative)
      if (prefix && prefix !== '.') yield { file: null, name: prefix }
      for (const dirent of dirents) {
        const name = join(prefix, dirent.name)
        if (dirent.isFile()) yield { file: join(folder, dirent.name), name }
        const target = dirent.isSymbolicLink() && (await follow(workspace, join(folder, dirent.name)))
        if (target) yield { file: target, name }
      }
    }
  }
}

async function follow(workspace: Workspace, path: string): Promise<string | undefined> {
  try {
    const real = await resolveExisting(workspace, relativePath(workspace, path))
    return (await stat(real)).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

/** Two entries of one name, from two folders, both find room at the archive's top. */
function unlike(name: string, taken: Set<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count++) free = `${name} (${count})`
  taken.add(free)
  return free
}
