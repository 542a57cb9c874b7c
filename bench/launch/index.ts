import { startSlipway } from '../slipway'
import { launchesASecond } from './launches-a-second'
import { requestToRunning } from './request-to-running'

/** Needs a build and a redis-server; makes everything else in a folder of its own. */
const slipway = await startSlipway()
try {
  await requestToRunning(slipway)
  await launchesASecond(slipway.folder, slipway.redisUrl)
} finally {
  await slipway.end()
}
