import { lstat, mkdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Refusal } from '../refusal'
import { MODEL_FOLDERS } from './model-folders'

/** The folder that everything stays in, and the one place that turns a path from outside into one on disk. */
export interface Workspace {
  /** Real, absolute path. */
  root: string
  /** Absolute paths that a download or an upload is being written to. */
  writing: Set<string>
  /** Bytes that are still to come for them: as good as taken. */
  promised: Map<string, number>
}

/** Opens the folder, making it and ComfyUI's own folders in it where they are missing. */
export async function openWorkspace(folder: string): Promise<Workspace> {
  await mkdir(folder, { recursive: true })
  const root = await realpath(folder)
  for (const path of [...MODEL_FOLDERS, 'input', 'output']) await mkdir(join(root, path), { recursive: true })
  return { root, writing: new Set(), promised: new Map() }
}

const isInside = (root: string, path: string) => path === root || path.startsWith(root + sep)

/**
 * Splits a path from outside, relative to the workspace; `''` is the workspace itself.
 * @throws Refusal `bad_path` for absolute paths, `.`, `..`, empty parts and NUL
 */
function splitPath(path: string): string[] {
  if (path === '') return []
  const parts = path.split('/')
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new Refusal('bad_path', 'That path is not one inside this machine’s folders.')
  return parts
}

/**
 * The absolute path of an entry that need not exist, in a folder that does. A link as the last part is the link
 * itself: fit for writing, renaming and deleting, not for opening.
 * @throws Refusal `bad_path` when the folder leads out of the workspace, and for the workspace itself
 */
export async function locate(workspace: Workspace, path: string): Promise<string> {
  const parts = splitPath(path)
  const name = parts.pop()
  if (name === undefined) throw new Refusal('bad_path', 'The workspace itself can’t be changed.')
  const folder = await realpath(join(workspace.root, ...parts))
  if (!isInside(workspace.root, folder)) throw outside()
  return join(folder, name)
}

/**
 * The real path of an entry that exists, links followed as long as they stay inside.
 * @throws Refusal `bad_path` when it leads out; the file system's own error when it isn't there
 */
export async function resolveExisting(workspace: Workspace, path: string): Promise<string> {
  const found = await realpath(join(workspace.root, ...splitPath(path)))
  if (!isInside(workspace.root, found)) throw outside()
  return found
}

/** Makes a folder, and those above it, where they are missing. */
export async function ensureFolder(workspace: Workspace, path: string): Promise<void> {
  const parts = splitPath(path)
  for (const [index] of parts.entries()) {
    const folder = await locate(workspace, parts.slice(0, index + 1).join('/'))
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** @throws Refusal `already_exists` */
export async function requireFree(path: string, code: 'already_exists' | 'file_exists' = 'already_exists') {
  const taken = await lstat(path).catch(() => undefined)
  if (taken)
    throw new Refusal(code, 'A file or folder of that name is already there. Rename or delete it first.')
}

const outside = () => new Refusal('bad_path', 'That link leads out of this machine’s folders.')
