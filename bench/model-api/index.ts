import { resolve } from 'node:path'
import type { Suite } from '../figures'
import { startSlipway } from '../slipway'
import { comfyUiByHand } from './by-hand'
import { oneRequest } from './one-request'
import { publishModel } from './publish'
import { requestsASecond } from './requests-a-second'

const COMFYUI = resolve('test/support/programs/comfyui.mjs')

/**
 * Calls of a model against the very same prompts by hand, at the same stand-in for ComfyUI, which answers at once: what
 * is left is Slipway.
 */
const modelApi: Suite = async (report) => {
  const slipway = await startSlipway({
    COMFYUI_COMMAND: `exec "${process.execPath}" "${COMFYUI}"`,
    REQUESTS_PER_USER: '1000',
  })
  try {
    const model = await publishModel(slipway)
    const byHand = await comfyUiByHand(slipway, await slipway.launch())
    try {
      await oneRequest(model, byHand, report)
      await requestsASecond(slipway, model, byHand, report)
    } finally {
      byHand.close()
    }
  } finally {
    await slipway.end()
  }
}
export default modelApi
