import { basename } from 'node:path/posix'
import type { PlannedFile } from '../contract'
import type { Survey } from '../hashes/survey'
import { foldersReadAs } from '../models/folders'
import type { Mention } from '../workflows/mentions'

/**
 * Where a model is that a workflow names: by its name, in the folder that it is loaded from or one below, also under
 * the folder's former name. A name with folders is found below those alone, or by a hash that is known already.
 */
export async function findHere(
  survey: Survey,
  { name, folder, isSure, sha256 }: Mention,
  signal: AbortSignal,
): Promise<PlannedFile['present']> {
  signal.throwIfAborted()
  const folders = isSure ? foldersReadAs(folder) : ['models']
  const called = survey
    .named(basename(name))
    .filter((path) => folders.some((each) => path.startsWith(`${each}/`)))
  const exact = called.filter((path) => path.endsWith(`/${name}`))
  const [first] = exact
  if (!sha256) return first === undefined ? null : { path: first, same: true }
  const read = new Map<string, string | undefined>()
  for (const path of exact) {
    const own = await survey.sha256Of(path)
    if (own === sha256) return { path, same: true }
    read.set(path, own)
  }
  for (const path of called) if ((await survey.knownSha256Of(path)) === sha256) return { path, same: true }
  // What is too large to be read now is believed by its name.
  const unread = exact.find((path) => read.get(path) === undefined)
  if (unread !== undefined) return { path: unread, same: true }
  return first === undefined ? null : { path: first, same: false }
}
