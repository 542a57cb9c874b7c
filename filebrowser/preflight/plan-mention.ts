import { basename, dirname } from 'node:path/posix'
import { isPickle } from '~/providers/models/formats'
import type { PlannedFile, RefusalView } from '../contract'
import type { Mention } from '../workflows/mentions'
import { findHere } from './find-here'
import { type Plan, type PlanDeps, planSource } from './plan-source'
import { readSource } from './read-source'

export interface PlannedMention {
  file: PlannedFile
  notices: string[]
}

/** What is here of a model that a workflow names, and where it comes from; it keeps the workflow's name and folder. */
export async function planMention(
  deps: PlanDeps,
  mention: Mention,
  signal: AbortSignal,
): Promise<PlannedMention> {
  const { url, sha256 = null } = mention
  const name = basename(mention.name)
  const folder = [mention.folder, ...dirname(mention.name).split('/')]
    .filter((part) => part !== '.')
    .join('/')
  const present = await findHere(deps.survey, mention, signal)
  const pickle = isPickle(name)
  const own = { name, folder, pickle, present, detail: url && URL.canParse(url) ? new URL(url).host : null }
  const nothing = { ...own, source: null, size: null, sha256, chosen: false }
  if (present?.same) return { file: { ...nothing, detail: null, error: null }, notices: [] }
  if (url === undefined) return { file: { ...nothing, error: unknownSource(name) }, notices: [] }
  const plan = await planSource(deps, url, signal, folder)
  const found = fileOf(plan, mention, url, deps)
  if (!found)
    return { file: { ...nothing, error: plan.error ?? notAmongThem(name, url, plan) }, notices: plan.notices }
  const offered = { ...found, ...own, present: presentOf(found, own) }
  const error = differs(found.sha256, sha256) ? otherContent(name, url, plan) : found.error
  const file = { ...offered, sha256: found.sha256 ?? sha256, chosen: !offered.present?.same, error }
  return { file, notices: [...plan.notices, ...(found.sha256 || !sha256 ? [] : [uncompared(name)])] }
}

/**
 * The file of an address that a workflow means: the one of the name that it looks for, or the one that the address is
 * of. Any other file would be a wrong model under a right name.
 */
function fileOf({ files }: Plan, { name, sha256 }: Mention, url: string, deps: PlanDeps) {
  if (files.length === 0) return undefined
  const wanted = basename(name).toLowerCase()
  const called = files.filter((file) => file.name.toLowerCase() === wanted)
  const exact = [
    called.filter((file) => sha256 !== undefined && file.sha256 === sha256),
    called.filter(({ detail }) => `/${detail ?? ''}`.endsWith(`/${name}`)),
    called,
  ].find(({ length }) => length === 1)
  if (exact || called.length > 0) return exact?.[0]
  const source = readSource(url, deps.issuers)
  // Of a model on Civitai alone nobody knows which version was meant; of a version one file is chosen.
  if (source.provider === 'civitai')
    return source.versionId === undefined ? undefined : files.find(({ chosen }) => chosen)
  const isOfOne = source.provider === null || source.kind !== 'folder'
  return isOfOne && files.length === 1 ? files[0] : undefined
}

/** What the source calls it says nothing of what stands in the way of the workflow's name. */
const presentOf = (found: PlannedFile, own: Pick<PlannedFile, 'name' | 'present'>) =>
  found.present?.same || found.name === own.name ? (found.present ?? own.present) : own.present

const differs = (one: string | null, other: string | null) => one !== null && other !== null && one !== other

const pageOf = (url: string, { page }: Plan) => ({ href: page ?? url, label: 'Its page' })

const notAmongThem = (name: string, url: string, plan: Plan): RefusalView => ({
  code: 'revision_or_file_missing',
  message: `The address that the workflow gives for ${name} doesn’t say which file that is. Look for it there and paste the file’s own address.`,
  link: pageOf(url, plan),
})

const otherContent = (name: string, url: string, plan: Plan): RefusalView => ({
  code: 'hash_mismatch',
  message: `What the workflow’s address holds is not the ${name} that the workflow means: their SHA-256 differ. Look for the right one and paste its address.`,
  link: pageOf(url, plan),
})

const uncompared = (name: string) =>
  `The source of ${name} says no SHA-256, so it can’t be compared before with the one that the workflow gives.`

const unknownSource = (name: string): RefusalView => ({
  code: 'not_found_or_private',
  message: `The workflow doesn’t say where ${name} comes from. Look for it and paste its address.`,
  link: {
    href: `https://huggingface.co/models?search=${encodeURIComponent(name.replace(/\.\w+$/, ''))}`,
    label: 'Look for it on Hugging Face',
  },
})
