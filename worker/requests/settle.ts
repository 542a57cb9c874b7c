import { findRequestMachine } from '../../db/model-request-machines'
import { markSettled } from '../../db/model-request-outcomes'
import { findRequest } from '../../db/model-request-work'
import type { WorkerDeps } from '../deps'
import type { RequestTools } from './tools'

const LIMIT_MS = 20_000

/**
 * Sees to it that ComfyUI no longer works on a request that has ended. Where it doesn't answer, the request stays
 * unsettled and somebody tries again once its lease has run out.
 * @param begun a prompt that may be there, whether the request is settled or not
 */
export async function settle(
  deps: WorkerDeps,
  tools: RequestTools,
  id: string,
  begun?: { promptId: string; isAccepted: boolean },
): Promise<void> {
  const { db, logger } = deps
  const request = findRequest(db, id)
  if (!request?.unsettled && !begun) return
  const address = request && findRequestMachine(db, request)?.addresses.get('comfyui')
  const promptId = begun?.promptId ?? request?.promptId
  if (address && promptId) {
    try {
      const comfyui = tools.openComfyUi({ address, logger })
      const signal = AbortSignal.timeout(LIMIT_MS)
      // Older versions gave it another id, which a worker that was cut off may not have learned.
      const isKnown = begun?.isAccepted ?? request.acceptedAt !== null
      await comfyui.cancel(isKnown ? promptId : (await comfyui.find(promptId, signal)).promptId, signal)
    } catch (error) {
      logger.info({ requestId: id, reason: String(error) }, 'could not be taken back at ComfyUI')
      return
    }
  }
  markSettled(db, id)
}
