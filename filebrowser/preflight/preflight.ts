import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { IssuerSettings } from '~/providers/issuers'
import type { PreflightView } from '../contract'
import type { HashIndex } from '../hashes/hash-index'
import { Survey } from '../hashes/survey'
import type { FreeBytes } from '../workspace/room'
import type { Workspace } from '../workspace/workspace'
import { eachOf } from './each-of'
import type { OfferDeps } from './lay-open'
import { notToBeHad, type Plan, type PlanDeps, planSource, whyNone } from './plan-source'
import { planWorkflow } from './plan-workflow'
import { splitPasted } from './read-source'

export interface PreflightDeps extends OfferDeps {
  workspace: Workspace
  issuers: IssuerSettings
  hashes: HashIndex
  freeBytes: FreeBytes
}

/** What somebody pasted, or a workflow (parsed JSON) and its file's name. */
export type Asked = { source: string } | { workflow: unknown; name: string }

/**
 * What is offered, what of it is here and whether it fits, before a byte of it is stored. What an issuer does is in
 * the answer.
 * @throws Refusal `bad_request` for what can't be read at all
 */
export async function preflight(
  deps: PreflightDeps,
  asked: Asked,
  signal: AbortSignal,
): Promise<PreflightView> {
  const planDeps = await lookRound(deps, signal)
  const plan =
    'workflow' in asked
      ? await planWorkflow(planDeps, asked.workflow, asked.name, signal)
      : merge(await eachOf(splitPasted(asked.source), (line) => planSource(planDeps, line, signal)))
  const { blocks, bsize } = await statfs(deps.workspace.root)
  const space = { free: planDeps.free, total: blocks * bsize }
  return { ...plan, space }
}

/** What is here now. */
export async function lookRound(deps: PreflightDeps, signal: AbortSignal): Promise<PlanDeps> {
  const { workspace, hashes, freeBytes } = deps
  const survey = await Survey.of(workspace, hashes, signal)
  return { ...deps, survey, free: await freeBytes(join(workspace.root, 'models', 'any')) }
}

/** Several things that were pasted, as one; what can't be had of them is in the list, with its reason. */
function merge(plans: Plan[]): Plan {
  const [only] = plans
  if (only && plans.length === 1) return only
  const files = plans.flatMap(({ files, error, title }) =>
    files.length === 0 && error ? [notToBeHad(title, error)] : files,
  )
  const providers = new Set(plans.map(({ provider }) => provider))
  return {
    title: `${plans.length} sources`,
    provider: providers.size === 1 ? (only?.provider ?? null) : null,
    page: null,
    licence: null,
    gate: null,
    files,
    complete: plans.every(({ complete }) => complete),
    error: plans.every(({ error }) => error) ? (only?.error ?? null) : whyNone(files),
    notices: [...new Set(plans.flatMap(({ notices }) => notices))],
  }
}
