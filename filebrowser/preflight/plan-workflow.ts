import { basename, dirname } from 'node:path/posix'
import { isPickle } from '~/providers/models/formats'
import type { PlannedFile } from '../contract'
import { foldersReadAs } from '../models/folders'
import { type Mention, mentionsIn } from '../workflows/mentions'
import { eachOf } from './each-of'
import { type Plan, type PlanDeps, planSource, whyNone } from './plan-source'

/**
 * What a workflow needs, what of it is here, and where the rest comes from.
 * @param file parsed JSON
 * @throws Refusal `bad_request` for what is no workflow
 */
export async function planWorkflow(
  deps: PlanDeps,
  file: unknown,
  name: string,
  signal: AbortSignal,
): Promise<Plan> {
  const { mentions, complete } = mentionsIn(file)
  const planned = await eachOf(mentions, (mention) => planMention(deps, mention, signal))
  const files = planned.map(({ file }) => file)
  const notices = [...new Set(planned.flatMap((each) => each.notices))]
  if (files.length === 0) notices.push('This workflow names no models.')
  const nothing = { provider: null, page: null, licence: null, gate: null }
  const missing = files.filter((each) => !each.present?.same)
  const error = missing.every((each) => each.error) ? (missing[0]?.error ?? null) : whyNone(files)
  return { title: name, ...nothing, files, complete, error, notices }
}

type PlannedMention = { file: PlannedFile; notices: string[] }

async function planMention(deps: PlanDeps, mention: Mention, signal: AbortSignal): Promise<PlannedMention> {
  const folder = [mention.folder, ...dirname(mention.name).split('/')]
    .filter((part) => part !== '.')
    .join('/')
  const own = { name: basename(mention.name), folder, detail: null }
  const here = await findHere(deps, mention, signal)
  if (here || !mention.url) {
    const facts = { source: null, size: null, sha256: mention.sha256 ?? null, chosen: false }
    const error = here ? null : unknownSource(own.name)
    return {
      file: { ...own, ...facts, pickle: isPickle(own.name), present: here ?? null, error },
      notices: [],
    }
  }
  const plan = await planSource(deps, mention.url, signal, folder)
  const found = plan.files.find((file) => file.chosen) ?? plan.files.find((file) => file.present?.same)
  const detail = new URL(mention.url, 'https://unknown').host
  const nothing = {
    source: null,
    size: null,
    sha256: null,
    pickle: isPickle(own.name),
    present: null,
    chosen: false,
  }
  const error = plan.error ?? (found ? null : unknownSource(own.name))
  const file = found ? { ...found, ...own, detail } : { ...nothing, ...own, detail, error }
  return { file, notices: plan.notices }
}

/** By its name, in the folder that it is loaded from or one below, also under the folder's former name. */
async function findHere(
  { survey }: PlanDeps,
  { name, folder, isSure, sha256 }: Mention,
  signal: AbortSignal,
) {
  signal.throwIfAborted()
  const folders = isSure ? foldersReadAs(folder) : ['models']
  const inFolders = survey
    .named(basename(name))
    .filter((path) => folders.some((each) => path.startsWith(`${each}/`)))
  const path = inFolders.find((each) => each.endsWith(`/${name}`)) ?? inFolders[0]
  if (!path) return undefined
  return { path, same: !sha256 || (await survey.mayBe(path, sha256)) }
}

const unknownSource = (name: string): PlannedFile['error'] => ({
  code: 'not_found_or_private',
  message: `The workflow doesn’t say where ${name} comes from. Look for it and paste its address.`,
  link: {
    href: `https://huggingface.co/models?search=${encodeURIComponent(name.replace(/\.\w+$/, ''))}`,
    label: 'Look for it on Hugging Face',
  },
})
