import { mentionsIn } from '../workflows/mentions'
import { eachOf } from './each-of'
import { planMention } from './plan-mention'
import { type Plan, type PlanDeps, whyNone } from './plan-source'

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
