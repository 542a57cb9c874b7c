import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { isPickle } from '~/providers/models/formats'
import type { OfferedFile } from '~/providers/models/issuer'
import type { PlannedFile, RefusalView } from '../contract'
import type { Survey } from '../hashes/survey'
import { Refusal, toRefusal } from '../refusal'
import { requireRoom } from '../workspace/room'
import type { Workspace } from '../workspace/workspace'

export interface Here {
  workspace: Workspace
  survey: Survey
  /** Bytes that a file may take. */
  free: number
}

/** What is offered, compared with what is here. @param page where a refusal without a link leads */
export async function planFile(
  here: Here,
  { address, name, detail, size, sha256, refusal, ...file }: OfferedFile,
  folder: string,
  page: string,
): Promise<PlannedFile> {
  const present = await findPresent(here, { name, size, sha256, ...file }, folder)
  const error = refusal ?? (present?.same ? undefined : tooLarge(size, here.free))
  return {
    source: address,
    name,
    detail: detail ?? null,
    size: size ?? null,
    sha256: sha256 ?? null,
    folder,
    pickle: isPickle(name),
    present,
    chosen: file.chosen && !present?.same,
    error: error ? viewOf(error, page) : null,
  }
}

type Facts = Pick<OfferedFile, 'name' | 'size' | 'sizeTolerance' | 'sha256'>

async function findPresent(
  { workspace, survey }: Here,
  { name, size, sizeTolerance, sha256 }: Facts,
  folder: string,
): Promise<PlannedFile['present']> {
  const path = `${folder}/${name}`
  const found = await lstat(join(workspace.root, path)).catch(() => undefined)
  if (size !== undefined && sha256) {
    const wanted = { size, sizeTolerance, sha256 }
    if (found?.isFile() && (await survey.isSame(path, wanted))) return { path, same: true }
    const elsewhere = await survey.find(wanted)
    if (elsewhere) return { path: elsewhere, same: true }
  }
  if (!found) return null
  // Where nobody says the hash, name and size are all that there is to compare.
  const isSame = !sha256 && found.isFile() && size !== undefined && sizeTolerance === 0 && found.size === size
  return { path, same: isSame }
}

function tooLarge(size: number | undefined, free: number): Refusal | undefined {
  try {
    if (size !== undefined) requireRoom(size, free)
  } catch (error) {
    const refusal = toRefusal(error)
    return refusal && new Refusal(refusal.code, refusal.message, { href: '#/files', label: 'The files here' })
  }
  return undefined
}

/** One sentence and always one link. */
export function viewOf({ code, message, link }: Refusal, page: string | undefined): RefusalView {
  const session = { href: '#/session', label: 'What this session may reach' }
  const own = code === 'host_not_allowed' || !page ? session : { href: page, label: 'Its page' }
  return { code, message, link: link ?? own }
}
