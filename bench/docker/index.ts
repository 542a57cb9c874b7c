import { join } from 'node:path'
import { serviceImage, startEngine } from '../../test/support/engine'
import { besides, type Suite } from '../figures'
import { startSlipway } from '../slipway'
import { timed } from '../support'
import { startByHand } from './by-hand'

const ROUNDS = 20

/**
 * From the launch request over HTTP until the machine is running in a container, against making the same on
 * the same Engine by hand. The rounds alternate. Needs a redis-server and root, for the Engine.
 */
const suite: Suite = async (report) => {
  const engine = await startEngine()
  try {
    const image = await serviceImage(engine.docker, 'answers')
    const slipway = await startSlipway({
      RUNTIME: 'docker',
      DOCKER_HOST: engine.dockerHost,
      FILEBROWSER_IMAGE: image,
    })
    const bySlipway: number[] = []
    const byHand: number[] = []
    try {
      // The first round meets cold caches.
      for (let round = -1; round < ROUNDS; round++) {
        let id = ''
        let remove = async () => {}
        const launched = await timed(async () => {
          id = await slipway.launch()
        })
        await slipway.stop(id)
        const made = await timed(async () => {
          remove = await startByHand(engine.docker, image, join(slipway.folder, `by-hand-${round}`))
        })
        await remove()
        if (round < 0) continue
        bySlipway.push(launched)
        byHand.push(made)
      }
    } finally {
      await slipway.end()
    }
    const other = { what: 'create, start and await by hand', samples: byHand }
    for (const figure of besides('request to running, docker', bySlipway, other, { most: 1.1 }))
      report(figure)
  } finally {
    await engine.remove()
  }
}
export default suite
