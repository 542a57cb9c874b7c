import type { Suite } from '../figures'
import { startSlipway } from '../slipway'
import { launchesASecond } from './launches-a-second'
import { requestToRunning } from './request-to-running'

/** Needs a redis-server; makes everything else in a folder of its own. */
const suite: Suite = async (report) => {
  const slipway = await startSlipway()
  try {
    await requestToRunning(slipway, report)
  } finally {
    await slipway.end()
  }
  await launchesASecond(report)
}
export default suite
