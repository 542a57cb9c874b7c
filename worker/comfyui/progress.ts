import * as z from 'zod'
import { nodeTitle, type Workflow } from '../../workflows/workflow'
import type { Progress } from './comfyui'
import type { ComfyEvent } from './events'
import { line } from './untrusted-text'

const cached = z.object({ nodes: z.array(z.string()) })
const oneNode = z.object({ node: z.string().nullish() })
const steps = z.object({ value: z.number(), max: z.number().positive(), node: z.string().nullish() })
const allNodes = z.object({
  nodes: z.record(z.string(), z.object({ value: z.number(), max: z.number(), state: z.string() })),
})

/**
 * How far a prompt is, by what its ComfyUI tells: nodes done of all, and the share of the one that runs. It never
 * goes back, however events come.
 */
export function progressMeter(workflow: Workflow, onProgress: (progress: Progress) => void) {
  const total = Math.max(1, Object.keys(workflow).length)
  const finished = new Set<string>()
  let current: string | null = null
  let share = 0
  let told: Progress = { done: 0, node: null }

  const finish = (node: string | null | undefined) => {
    if (node && Object.hasOwn(workflow, node)) finished.add(node)
  }

  function tell() {
    const running = current !== null && !finished.has(current) ? share : 0
    const exact = Math.min(1, (finished.size + running) / total)
    // In hundredths, which is as much as anybody sees, and keeps what is told few.
    const done = Math.max(told.done, Math.floor(exact * 100) / 100)
    const workflowNode = current !== null && Object.hasOwn(workflow, current) ? workflow[current] : undefined
    const node = workflowNode ? line(nodeTitle(workflowNode), 80) : null
    if (done === told.done && node === told.node) return
    told = { done, node }
    onProgress(told)
  }

  function begin(node: string | null) {
    if (node === current) return
    current = node
    share = 0
  }

  return function take({ type, data }: ComfyEvent) {
    if (type === 'execution_cached') for (const node of cached.safeParse(data).data?.nodes ?? []) finish(node)
    if (type === 'executed') finish(oneNode.safeParse(data).data?.node)
    if (type === 'executing') {
      const { node = null } = oneNode.safeParse(data).data ?? {}
      if (node !== current) finish(current)
      begin(node)
    }
    if (type === 'progress') {
      const { value, max, node } = steps.safeParse(data).data ?? { value: 0, max: 1 }
      // Whoever begins to listen late has missed which one it is.
      if (current === null && node && Object.hasOwn(workflow, node)) begin(node)
      if (!node || node === current) share = Math.max(share, fraction(value, max))
    }
    if (type === 'progress_state')
      for (const [node, { value, max, state }] of Object.entries(allNodes.safeParse(data).data?.nodes ?? {}))
        if (state === 'finished') finish(node)
        else if (state === 'running' && Object.hasOwn(workflow, node)) {
          begin(node)
          share = Math.max(share, fraction(value, max))
        }
    tell()
  }
}

const fraction = (value: number, max: number) => Math.min(1, Math.max(0, max > 0 ? value / max : 0))
