import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { nodeClasses } from './nodes.mjs'
import { nodesBehind } from './validate.mjs'

class Interrupted extends Error {}

/**
 * Runs one prompt after the other, keeps them in a history, and tells clients how it goes.
 * @param {import('./nodes.mjs').Site} site
 * @param {import('./faults.mjs').Faults} faults
 * @param {(clientId: string | undefined, type: string, data: object) => void} tell undefined: everybody
 */
export function promptQueue(site, faults, tell) {
  const book = join(site.workspace, 'accepted-prompts.jsonl')
  /** @type {any[]} */
  const pending = []
  /** @type {any} */
  let running
  let isInterrupted = false
  let isClosed = false
  /** @type {Map<string, any>} */
  const history = new Map()
  /** What the prompt before had of each node. @type {Map<string, any>} */
  let cache = new Map()
  let released = 0
  let wake = () => {}

  const status = () =>
    tell(undefined, 'status', {
      status: { exec_info: { queue_remaining: pending.length + (running ? 1 : 0) } },
    })

  async function step(/** @type {() => boolean | undefined} */ isHeld) {
    await setImmediate()
    while (isHeld() && released === 0 && !isInterrupted && !isClosed)
      await new Promise((resolve) => {
        wake = () => resolve(undefined)
      })
    if (released > 0) released--
    if (isInterrupted) throw new Interrupted()
  }

  async function runNode(
    /** @type {any} */ item,
    /** @type {string} */ id,
    /** @type {Map<string, any>} */ results,
  ) {
    const [, promptId, prompt, extra] = item
    const node = prompt[id]
    const nodeClass = nodeClasses(site)[node.class_type]
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [
        name,
        Array.isArray(value) ? results.get(value[0]).values[value[1]] : value,
      ]),
    )
    await step(() => faults.holdNode === node.class_type)
    if (faults.failNode === node.class_type) throw new Error(faults.failWith ?? 'CUDA out of memory')
    const progress = async (/** @type {number} */ value, /** @type {number} */ max) => {
      await step(() => faults.slowStep)
      tell(extra.client_id, 'progress', { value, max, prompt_id: promptId, node: id })
      if (!faults.oldVersion)
        tell(extra.client_id, 'progress_state', {
          prompt_id: promptId,
          nodes: { [id]: { value, max, state: 'running', node_id: id, prompt_id: promptId } },
        })
    }
    return nodeClass?.run(inputs, { ...site, progress })
  }

  /** A node counts as the same when it and all before it are. */
  const signature = (/** @type {any} */ prompt, /** @type {string} */ id) => {
    const behind = nodesBehind(prompt, id)
    const classes = nodeClasses(site)
    if (behind.some((each) => classes[prompt[each].class_type]?.isNeverCached)) return undefined
    return JSON.stringify(behind.map((each) => [each, prompt[each].class_type, prompt[each].inputs]))
  }

  async function run(/** @type {any} */ item) {
    const [, promptId, prompt, extra, outputs] = item
    /** @type {[string, any][]} */
    const messages = []
    const say = (/** @type {string} */ type, /** @type {object} */ data) => {
      messages.push([type, { prompt_id: promptId, timestamp: Date.now(), ...data }])
      tell(extra.client_id, type, { prompt_id: promptId, ...data })
    }
    /** @type {Map<string, any>} */
    const results = new Map()
    /** @type {Map<string, any>} */
    const next = new Map()
    /** @type {Record<string, any>} */
    const shown = {}
    const order = [...new Set(outputs.flatMap((/** @type {string} */ end) => nodesBehind(prompt, end)))]
    const signatures = new Map(order.map((id) => [id, signature(prompt, id)]))
    const had = order.filter((id) => cache.has(signatures.get(id) ?? ''))
    say('execution_start', {})
    say('execution_cached', { nodes: had })
    /** @type {string | undefined} */
    let current
    let statusText = 'success'
    try {
      for (const id of order) {
        current = id
        const sameAs = signatures.get(id)
        const known = sameAs && cache.get(sameAs)
        if (!known) tell(extra.client_id, 'executing', { node: id, display_node: id, prompt_id: promptId })
        const result = known ?? (await runNode(item, id, results))
        results.set(id, result)
        if (sameAs) next.set(sameAs, result)
        if (result.ui) {
          shown[id] = result.ui
          tell(extra.client_id, 'executed', {
            node: id,
            display_node: id,
            output: result.ui,
            prompt_id: promptId,
          })
        }
      }
      if (!faults.oldVersion) say('execution_success', {})
    } catch (error) {
      statusText = 'error'
      const where = {
        node_id: current,
        node_type: prompt[current ?? '']?.class_type,
        executed: [...results.keys()],
      }
      if (error instanceof Interrupted) say('execution_interrupted', where)
      else
        say('execution_error', {
          ...where,
          exception_message: `${/** @type {Error} */ (error).message}\n`,
          exception_type: 'RuntimeError',
          traceback: ['  File "/opt/ComfyUI/execution.py", line 496, in execute\n', '    await run()\n'],
          current_inputs: {},
          current_outputs: [],
        })
    }
    cache = next
    running = undefined
    isInterrupted = false
    history.set(promptId, {
      prompt: item,
      outputs: shown,
      status: { status_str: statusText, completed: statusText === 'success', messages },
      meta: {},
    })
    status()
    tell(extra.client_id, 'executing', { node: null, prompt_id: promptId })
  }

  async function runAll() {
    while (!running && !isClosed) {
      running = pending.shift()
      if (!running) return
      status()
      await run(running)
    }
  }

  return {
    put(/** @type {any} */ item) {
      const [, id, , extra] = item
      appendFileSync(book, `${JSON.stringify({ id, mark: extra.slipway_prompt ?? null })}\n`)
      pending.push(item)
      status()
      void runAll()
    },
    /** Every prompt that was ever taken here, also before a restart. @returns {{ id: string, mark: string | null }[]} */
    accepted: () =>
      existsSync(book)
        ? readFileSync(book, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    queue: () => ({ queue_running: running ? [running] : [], queue_pending: [...pending] }),
    history: () => (faults.forgets ? new Map() : history),
    delete(/** @type {string} */ id) {
      const at = pending.findIndex(([, other]) => other === id)
      if (at >= 0) pending.splice(at, 1)
      status()
    },
    interrupt(/** @type {string | undefined} */ id) {
      const isOther = id && !faults.oldVersion && running?.[1] !== id
      if (!running || isOther) return
      isInterrupted = true
      wake()
    },
    /** Lets what waits go on, that many times; all of it for good without a number. */
    release(/** @type {number | undefined} */ times = undefined) {
      if (times === undefined) Object.assign(faults, { slowStep: false, holdNode: undefined })
      else released += times
      wake()
    },
    close() {
      isClosed = true
      isInterrupted = true
      wake()
    },
  }
}
