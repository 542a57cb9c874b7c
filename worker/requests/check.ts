import { createHash } from 'node:crypto'
import { isFileType, type ModelDefinition } from '../../workflows/definition'
import { fillWorkflow } from '../../workflows/fill'
import type { Workflow } from '../../workflows/workflow'
import type { ComfyUi } from '../comfyui/comfyui'
import { needsOf } from '../comfyui/missing'
import { modelsMissing } from './missing-files'
import { oneLine } from './one-line'
import { RequestError } from './request-error'
import type { Run } from './run'

/** More are counted, not named. */
const NAMED_MAX = 20

/** Whether a machine has what a workflow needs. What it was found to have is not asked for again for a while. */
export function machineCheck({ request, checks, hold }: Run, comfyui: ComfyUi, plain: Workflow) {
  const { machineId, machineAttempt } = request
  const key = createHash('sha256')
    .update(JSON.stringify([machineId, machineAttempt, needsOf(plain)]))
    .digest('hex')
  const isRemembered = checks.has(key)

  /** @returns the model files that it lacks @throws RequestError `nodes_missing` */
  async function ask() {
    const { nodes, files } = await comfyui.missing(plain, hold.signal)
    if (nodes.length) throw nodesMissing(nodes)
    if (!files.length) checks.add(key)
    return files
  }

  return {
    missingFiles: async () => (isRemembered ? [] : ask()),

    /** @returns the reason of a refusal: what went missing since the check, or what ComfyUI said */
    async explain(refusal: RequestError): Promise<RequestError> {
      if (!isRemembered) return refusal
      checks.forget(key)
      try {
        const files = await ask()
        return files.length ? modelsMissing(files) : refusal
      } catch (error) {
        return error instanceof RequestError && error.errorClass === 'nodes_missing' ? error : refusal
      }
    },
  }
}

function nodesMissing(nodes: string[]): RequestError {
  const named = nodes.slice(0, NAMED_MAX).map((each) => oneLine(each, 100))
  const more = nodes.length > NAMED_MAX ? ` and ${nodes.length - NAMED_MAX} more` : ''
  const all = named.join(', ') + more
  return new RequestError('nodes_missing', all, `The machine lacks nodes that this model uses: ${all}.`)
}

/** As far as it is known before the machine has the caller's files: values may name model files. */
export const plainWorkflow = (
  workflow: Workflow,
  { inputs }: ModelDefinition,
  values: Record<string, unknown>,
): Workflow =>
  fillWorkflow(
    workflow,
    inputs.filter(({ type }) => !isFileType(type)),
    values,
  )
