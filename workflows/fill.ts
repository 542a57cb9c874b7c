import type { ModelInput } from './definition'
import type { Workflow } from './workflow'

/**
 * A workflow with a caller's values in place; the given one stays as it is.
 * @param values by the names of inputs; one without a value keeps what the workflow has. Of file inputs, the name
 *   under which ComfyUI has the file.
 */
export function fillWorkflow(
  workflow: Workflow,
  inputs: readonly ModelInput[],
  values: Record<string, unknown>,
): Workflow {
  const filled = structuredClone(workflow)
  for (const { name, node, field } of inputs) {
    const target = Object.hasOwn(filled, node) ? filled[node] : undefined
    if (target && Object.hasOwn(values, name)) target.inputs[field] = values[name]
  }
  return filled
}
