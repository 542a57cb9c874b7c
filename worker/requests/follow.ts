import { setTimeout as pause } from 'node:timers/promises'
import { findRequestMachine } from '../../db/model-request-machines'
import { markAccepted } from '../../db/model-request-progress'
import type { Workflow } from '../../workflows/workflow'
import type { ComfyUi, Progress, PromptEnd, PromptState } from '../comfyui/comfyui'
import { machineGone } from './hold'
import { RequestError } from './request-error'
import type { Run } from './run'

/** What is not there at once may still be on its way into ComfyUI's queue, where nobody knows whether it was taken. */
const LOOKS_MAX = 3
/** Pauses between looks grow this often. */
const PAUSES_MAX = 4
const FORGOTTEN =
  'ComfyUI no longer has it: it restarted, or somebody removed it from its queue. It was not run a second time.'

/**
 * Where the services of the request's machine are.
 * @throws RequestError when it no longer runs: one that passes before the prompt was handed over, `machine_lost` after
 */
export function addressesOf({ deps, request, promptId }: Run): {
  comfyui: string
  filebrowser: string | undefined
} {
  const addresses = findRequestMachine(deps.db, request)?.addresses
  const comfyui = addresses?.get('comfyui')
  if (!comfyui) throw machineGone(request, promptId !== null)
  return { comfyui, filebrowser: addresses?.get('filebrowser') }
}

/** Asks ComfyUI again and again while it doesn't answer and its machine still runs. */
export async function patiently<T>(work: Run, ask: (comfyui: ComfyUi) => Promise<T>): Promise<T> {
  const { deps, tools } = work
  for (let count = 1; ; count++) {
    const comfyui = tools.openComfyUi({ address: addressesOf(work).comfyui, logger: deps.logger })
    try {
      return await ask(comfyui)
    } catch (error) {
      if (!(error instanceof RequestError && error.errorClass === 'comfyui_unreachable')) throw error
      deps.logger.debug({ requestId: work.request.id, reason: error.detail }, 'ComfyUI does not answer')
    }
    await rest(work, count)
  }
}

const rest = ({ deps, hold }: Run, count: number) =>
  pause(deps.timings.retryDelayMs(Math.min(count, PAUSES_MAX)), undefined, { signal: hold.signal })

/** The end of a prompt that was handed over, whatever became of that. @throws RequestError */
export async function awaitEnd(work: Run, workflow: Workflow): Promise<PromptEnd> {
  // Of one that was taken just now nobody has to ask where it is.
  let isThere = work.isAccepted && work.request.promptId === null
  return patiently(work, async (comfyui) => {
    const end = isThere ? undefined : await look(work, comfyui)
    isThere = false
    if (end) return end
    return comfyui.follow(work.promptId as string, workflow, tellOf(work), work.hold.signal)
  })
}

/** @returns undefined while it waits or runs there */
async function look(work: Run, comfyui: ComfyUi): Promise<PromptEnd | undefined> {
  const { deps, claim, hold } = work
  for (let count = 1; ; count++) {
    const { state, promptId } = await comfyui.find(work.promptId as string, hold.signal)
    if (state.kind !== 'unknown') {
      if (!work.isAccepted) markAccepted(deps.db, claim, promptId, deps.clock)
      work.promptId = promptId
      work.isAccepted = true
    }
    if (hasEnded(state)) return state
    if (state.kind !== 'unknown') return undefined
    if (work.isAccepted)
      throw new RequestError('machine_lost', `ComfyUI no longer knows ${promptId}.`, FORGOTTEN)
    if (count === LOOKS_MAX) throw new RequestError('outcome_unknown', `ComfyUI doesn’t know ${promptId}.`)
    await rest(work, count)
  }
}

const hasEnded = (state: PromptState): state is PromptEnd =>
  state.kind === 'done' || state.kind === 'failed' || state.kind === 'interrupted'

const tellOf =
  ({ hold }: Run) =>
  ({ done, node }: Progress) =>
    hold.report(done, node ? `Running ${node}.` : 'Waiting in ComfyUI’s queue.')
