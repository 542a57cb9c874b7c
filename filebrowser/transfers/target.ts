import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { ModelFile } from '~/providers/models/issuer'
import { proposeFolder } from '../downloads/folders'
import { Refusal } from '../refusal'
import { partPath } from '../workspace/parts'
import { ensureFolder, locate, type Workspace } from '../workspace/workspace'
import type { Content, TransferProgress, TransferRequest, Transferred } from './contract'
import { safeName } from './file-name'

/** Where a file goes. */
export interface Target {
  folder: string
  name: string
  /** Relative to the workspace. */
  path: string
  /** Absolute paths: of the whole file, and of the half-written one beside it. */
  whole: string
  part: string
}

/** Settles folder and name; makes the folder if nobody asked for one. */
export async function findTarget(
  workspace: Workspace,
  request: TransferRequest,
  file: ModelFile,
): Promise<Target> {
  const folder = request.folder ?? request.known?.folder ?? proposeFolder(request.source, file)
  if (request.folder === undefined) await ensureFolder(workspace, folder)
  const name = safeName(request.name ?? file.name)
  const path = [folder, name].filter(Boolean).join('/')
  const whole = await locate(workspace, path)
  return { folder, name, path, whole, part: partPath(dirname(whole), request.id) }
}

/**
 * Runs while nothing else of this process writes there, or moves it away.
 * @throws Refusal `busy`
 */
export async function writingTo<T>(
  { writing, promised }: Workspace,
  { whole }: Target,
  work: () => Promise<T>,
): Promise<T> {
  if (writing.has(whole)) throw new Refusal('busy', `${basename(whole)} is being written already.`)
  writing.add(whole)
  try {
    return await work()
  } finally {
    promised.delete(whole)
    writing.delete(whole)
  }
}

/**
 * What an earlier try brought to its end without being able to say so, because the program was killed right then.
 * @param known what that try wrote
 */
export async function endedBefore(
  target: Target,
  known: Content,
  onVerifying: TransferProgress['onVerifying'],
  signal: AbortSignal,
): Promise<Transferred | undefined> {
  const [whole, part] = await Promise.all([target.whole, target.part].map(look))
  if (!whole?.isFile()) return undefined
  // Its two names are the last step but one.
  const isPlaced = part !== undefined && part.ino === whole.ino && part.dev === whole.dev
  if (!isPlaced && (part || known.size !== whole.size)) return undefined
  const sha256 = await hashOf(target.whole, (read) => onVerifying(read, whole.size), signal)
  if (known.sha256 !== null && known.sha256 !== sha256) return undefined
  await rm(target.part, { force: true })
  return { path: target.path, size: whole.size, sha256, verified: known.sha256 ? 'sha256' : 'size' }
}

const look = (path: string) => lstat(path).catch(() => undefined)

async function hashOf(path: string, onRead: (read: number) => void, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  let read = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    hash.update(chunk)
    read += chunk.length
    onRead(read)
  }
  return hash.digest('hex')
}
