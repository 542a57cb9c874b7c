import type { Expanded, RefusedPart } from '../downloads/wanted'
import { resolveFolder } from '../models/folders'
import { Refusal } from '../refusal'
import { eachOf } from './each-of'
import { type Plan, planSource } from './plan-source'
import { lookRound, type PreflightDeps } from './preflight'
import { splitPasted } from './read-source'

/**
 * The files that somebody means who asks for an address as a whole, without those that are here, and why the rest
 * can't be had: nothing that was asked for is in neither.
 * @param folder wanted in place of the proposed ones
 * @throws Refusal for what can't be read at all
 */
export async function expand(
  deps: PreflightDeps,
  source: string,
  folder: string | undefined,
  signal: AbortSignal,
): Promise<Expanded> {
  const planDeps = await lookRound(deps, signal)
  const asked = folder === undefined ? undefined : resolveFolder(folder)
  const parts = await eachOf(splitPasted(source), async (pasted) =>
    readPlan(pasted, await planSource(planDeps, pasted, signal, asked)),
  )
  return { files: parts.flatMap(({ files }) => files), refused: parts.flatMap(({ refused }) => refused) }
}

function readPlan(pasted: string, plan: Plan): Expanded {
  const { error } = plan
  const refuse = (refusal: Refusal): RefusedPart => ({ source: pasted, refusal })
  if (error) return { files: [], refused: [refuse(new Refusal(error.code, error.message, error.link))] }
  const files = plan.files.flatMap(({ chosen, source, folder }) =>
    chosen && source !== null ? [{ source, folder }] : [],
  )
  const refused = plan.files.flatMap(({ source, error }) =>
    source === null && error ? [refuse(new Refusal(error.code, error.message, error.link))] : [],
  )
  if (!plan.complete) refused.push(refuse(tooMany(plan)))
  if (files.length === 0 && refused.length === 0) refused.push(refuse(nothing(plan)))
  return { files, refused }
}

const linkOf = ({ page }: Plan) => (page ? { href: page, label: 'Its page' } : undefined)

const tooMany = (plan: Plan) =>
  new Refusal(
    'bad_request',
    `${plan.title} has more than 5,000 files, and the rest was not looked at. Name a folder of it.`,
    linkOf(plan),
  )

/** All of it is here, or there is nothing of it. */
function nothing(plan: Plan): Refusal {
  const [here] = plan.files.flatMap(({ present }) => (present?.same ? [present.path] : []))
  if (here === undefined)
    return new Refusal('revision_or_file_missing', 'There is nothing there to download.', linkOf(plan))
  return new Refusal('file_exists', `Nothing of it is missing here; it begins with ${here}.`, {
    href: `#/files/${here.split('/').slice(0, -1).map(encodeURIComponent).join('/')}`,
    label: 'Where it is',
  })
}
