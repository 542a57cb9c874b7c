import type { DownloadRequest, PlannedFile } from '../../../contract'
import { joinPath } from '../../format'
import type { Lookup } from './lookup'

export interface Choice {
  chosen: boolean
  folder: string
  name: string
}

/** What a person changed, by key. */
export type Choices = Record<string, Partial<Choice>>

/** A file of a plan with what a person wants of it. */
export interface Planned extends Choice {
  key: string
  file: PlannedFile
  /** Whether it has to be called so whatever its source calls it: a workflow looks for it under this name. */
  keepsName: boolean
}

/** The files of a lookup as they were proposed, but for what was changed. */
export function plannedFiles(lookup: Lookup, choices: Choices): Planned[] {
  return (lookup.plan?.files ?? []).map((file, index) => {
    const key = `${lookup.id}/${index}`
    const proposed = { chosen: file.chosen, folder: file.folder, name: file.name }
    const planned = { key, file, keepsName: lookup.kind === 'workflow', ...proposed, ...choices[key] }
    return { ...planned, chosen: planned.chosen && canBeChosen(planned) }
  })
}

/** A folder as the server reads it. */
const cleanFolder = (folder: string) =>
  folder
    .split('/')
    .map((part) => part.trim())
    .filter(Boolean)
    .join('/')

const target = ({ folder, name }: Choice) => joinPath(cleanFolder(folder), name.trim())

/** Whether it would go where the same content is already. */
const isThere = (planned: Planned) =>
  !!planned.file.present?.same && planned.file.present.path === target(planned)

export const canBeChosen = (planned: Planned) =>
  planned.file.source !== null && !planned.file.error && !isThere(planned)

/** What has to be changed before it can be downloaded, by key. */
export function problems(planned: Planned[]): Map<string, string> {
  const chosen = planned.filter((each) => each.chosen)
  const count = new Map<string, number>()
  for (const each of chosen) count.set(target(each), (count.get(target(each)) ?? 0) + 1)
  return new Map(
    chosen.flatMap((each) => {
      const problem = problemOf(each, (count.get(target(each)) ?? 0) > 1)
      return problem ? [[each.key, problem] as const] : []
    }),
  )
}

function problemOf(planned: Planned, isTwice: boolean): string | undefined {
  if (!cleanFolder(planned.folder)) return 'Choose the folder that it goes to.'
  if (!planned.name.trim()) return 'Give it a name.'
  if (planned.name.includes('/')) return 'A name has no slash in it.'
  if (planned.file.present?.path === target(planned))
    return 'Another file of this name is there, and nothing is overwritten. Choose another folder or name.'
  if (isTwice) return 'Another one of these would go to the same place. Choose another folder or name.'
  return undefined
}

/** How much the chosen ones are; exact if the source has said the size of each. */
export function total(planned: Planned[]) {
  const chosen = planned.filter((each) => each.chosen)
  const size = chosen.reduce((sum, { file }) => sum + (file.size ?? 0), 0)
  return { count: chosen.length, size, isExact: chosen.every(({ file }) => file.size !== null) }
}

/** For `POST /api/downloads`. */
export function requestsOf(planned: Planned[]): DownloadRequest[] {
  return planned.flatMap(({ chosen, file, folder, name, keepsName }) => {
    if (!chosen || file.source === null) return []
    const named = keepsName || name.trim() !== file.name ? { name: name.trim() } : {}
    return [{ source: file.source, folder: cleanFolder(folder), ...named }]
  })
}
