import { randomUUID } from 'node:crypto'
import type { ClaimedRequest } from '../../db/model-request-claims'
import { markCompleted } from '../../db/model-request-outcomes'
import { beginStage, markAccepted, markSubmitted } from '../../db/model-request-progress'
import { getRequestInputs } from '../../db/model-requests'
import { findModelVersion } from '../../db/models'
import type { RequestStage } from '../../db/schema'
import type { ModelDefinition, ModelSource } from '../../workflows/definition'
import { fillWorkflow } from '../../workflows/fill'
import type { Workflow } from '../../workflows/workflow'
import type { Missing } from '../comfyui/comfyui'
import type { WorkerDeps } from '../deps'
import { LeaseEnded } from '../lease'
import { machineCheck, plainWorkflow } from './check'
import { addressesOf, awaitEnd, patiently } from './follow'
import type { RequestHold } from './hold'
import type { PassedChecks } from './passed-checks'
import { RequestError } from './request-error'
import type { RequestTools } from './tools'

/** More claims than tries may use up: the others ended in crashes. */
const CLAIMS_MAX = 6

export interface Run extends ClaimedRequest {
  deps: WorkerDeps
  tools: RequestTools
  checks: PassedChecks
  hold: RequestHold
  /** Of ComfyUI; null until the prompt was about to be handed over. */
  promptId: string | null
  /** Whether ComfyUI is known to have taken it. */
  isAccepted: boolean
}

/**
 * A request in progress, from wherever it is to its end. One that was handed over is only looked for.
 * @throws RequestError; LeaseEnded
 */
export async function run(work: Run): Promise<void> {
  const { deps, request, claim, tools, hold } = work
  const { db, clock, logger } = deps
  if (request.tries > CLAIMS_MAX) throw new RequestError('worker_lost', `Claimed ${request.tries} times.`)
  const version = findModelVersion(db, request.modelId, request.version)
  if (!version) throw new RequestError('internal', `There is no version ${request.version} of its model.`)
  const { workflow, definition } = version
  const given = work.promptId ? workflow : await handOver(work, workflow, definition)
  const end = await awaitEnd(work, given)
  if (end.kind === 'interrupted')
    throw new RequestError('interrupted', 'ComfyUI says that it was interrupted.')
  if (end.kind === 'failed') throw nodeFailed(end)
  enter(work, 'fetching')
  const results = await patiently(work, (comfyui) =>
    tools.fetchResults(deps, comfyui, request, definition, end.outputs, hold),
  )
  mine(work, markCompleted(db, claim, results, clock))
  deps.metrics.modelRequests.inc({ result: 'completed', error_class: '' })
  deps.metrics.modelRequestSeconds.observe((clock() - request.createdAt) / 1000)
  logger.info({ requestId: request.id, files: results.files.length }, 'request is completed')
}

const nodeFailed = ({
  node,
  nodeClass,
  message,
  detail,
}: {
  node: string | null
  nodeClass: string | null
  message: string
  detail: string
}) =>
  new RequestError(
    'node_failed',
    `${nodeClass ?? 'A node'} (${node}): ${detail}`,
    nodeClass ? `${nodeClass} failed: ${message}` : `A node of the workflow failed: ${message}`,
  )

/** @throws LeaseEnded when a write found that the claim had ended */
function mine({ hold }: Run, held: boolean): void {
  if (held) return
  hold.stillMine()
  throw hold.signal.aborted ? hold.signal.reason : new LeaseEnded('lost')
}

function enter(work: Run, stage: RequestStage): void {
  mine(work, beginStage(work.deps.db, work.claim, stage))
  work.hold.beganStage()
}

/** Brings what it needs to the machine, and gives ComfyUI the prompt, once. @returns the workflow as it was given */
async function handOver(work: Run, workflow: Workflow, definition: ModelDefinition): Promise<Workflow> {
  const { deps, tools, request, claim, hold } = work
  const { db, clock, logger } = deps
  const { comfyui: address } = addressesOf(work)
  const comfyui = tools.openComfyUi({ address, logger })
  const inputs = getRequestInputs(db, request.userId, request.id) ?? {}
  const check = machineCheck(work, comfyui, plainWorkflow(workflow, definition, inputs))
  const files = await check.missingFiles()
  if (files.length) await bringModels(work, files, definition.sources)
  const values = await tools.bringInputs(deps, comfyui, { id: request.id, inputs }, definition, hold.signal)
  const filled = fillWorkflow(workflow, definition.inputs, values)
  const promptId = randomUUID()
  hold.signal.throwIfAborted()
  mine(work, markSubmitted(db, claim, promptId, clock))
  hold.beganStage()
  work.promptId = promptId
  // Not cut off by the end of the lease: it is short, and cut off nobody would know whether it was taken.
  const taken = await comfyui.submit(promptId, filled, new AbortController().signal).catch(async (error) => {
    if (error instanceof RequestError && error.errorClass === 'refused') throw await check.explain(error)
    logger.warn({ requestId: request.id, reason: String(error) }, 'no answer to a prompt')
    return undefined
  })
  if (taken === undefined) return filled
  work.promptId = taken
  work.isAccepted = true
  mine(work, markAccepted(db, claim, taken, clock))
  return filled
}

/** @throws RequestError `models_missing`, `download_failed` */
async function bringModels(
  work: Run,
  files: Missing['files'],
  sources: readonly ModelSource[],
): Promise<void> {
  const { deps, tools, hold } = work
  const { filebrowser } = addressesOf(work)
  enter(work, 'downloading')
  await tools.bringModelFiles(deps, { filebrowser, files, sources }, hold.report, hold.signal)
}
