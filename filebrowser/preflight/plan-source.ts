import type { IssuerSettings } from '~/providers/issuers'
import type { ProviderId } from '~/providers/registry'
import type { PlannedFile, PreflightView, RefusalView } from '../contract'
import { toRefusal } from '../refusal'
import { layOpen, type OfferDeps } from './lay-open'
import { type Here, planFile, viewOf } from './plan-file'
import { pageOf, readSource, titleOf } from './read-source'
import { targetFolders } from './target-folders'

export interface PlanDeps extends OfferDeps, Here {
  issuers: IssuerSettings
}

export type Plan = Omit<PreflightView, 'space'>

/**
 * What one thing that was pasted offers, and what of it is here.
 * @param folder wanted in place of the proposed one
 * @returns with the reason where it offers nothing
 */
export async function planSource(
  deps: PlanDeps,
  pasted: string,
  signal: AbortSignal,
  folder?: string,
): Promise<Plan> {
  let asked: { provider: ProviderId | null; title: string; page?: string } = { provider: null, title: '' }
  try {
    const source = readSource(pasted, deps.issuers)
    const page = pageOf(source)
    asked = { provider: source.provider, title: titleOf(source), page }
    const { files: offered, missing = [], refusal, ...offer } = await layOpen(source, deps, signal)
    const folders = targetFolders(source, offered, folder)
    const files: PlannedFile[] = []
    // One after the other: each may have to read what is on the disk.
    for (const [at, file] of offered.entries())
      files.push(await planFile(deps, file, folders[at] as string, offer.page))
    const error = refusal ? viewOf(refusal, offer.page) : whyNone(files)
    for (const { name, refusal } of missing) files.push(notToBeHad(name, viewOf(refusal, offer.page)))
    const { title, licence = null, gate, complete, notices = [] } = offer
    return { ...asked, title, page: offer.page, licence, gate, files, complete, error, notices }
  } catch (error) {
    const refusal = toRefusal(error)
    if (!refusal || signal.aborted) throw error
    const nothing = { licence: null, gate: null, files: [], complete: true, notices: [] }
    return { ...asked, page: asked.page ?? null, ...nothing, error: viewOf(refusal, asked.page) }
  }
}

/** What was asked for and isn't there to choose, with the reason. */
export const notToBeHad = (name: string, error: PlannedFile['error']): PlannedFile => ({
  ...{ source: null, name, detail: null, size: null, sha256: null, folder: '', pickle: false },
  ...{ present: null, chosen: false, error },
})

/** Why none of the files that are meant can be had, where that is so. */
export function whyNone(files: PlannedFile[]): RefusalView | null {
  const meant = files.filter((file) => file.chosen)
  return meant.length > 0 && meant.every((file) => file.error) ? (meant[0]?.error ?? null) : null
}
