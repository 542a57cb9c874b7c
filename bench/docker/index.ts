import { join } from 'node:path'
import { serviceImage, startEngine } from '../../test/support/engine'
import { startSlipway } from '../slipway'
import { printComparison, timed } from '../support'
import { startByHand } from './by-hand'

const ROUNDS = 20

/**
 * From the launch request over HTTP until the machine is running in a container, against making the same on
 * the same Engine by hand. The rounds alternate. Needs a build, a redis-server and root, for the Engine.
 */
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
    for (let round = 0; round < ROUNDS; round++) {
      let id = ''
      let remove = async () => {}
      bySlipway.push(
        await timed(async () => {
          id = await slipway.launch()
        }),
      )
      await slipway.stop(id)
      byHand.push(
        await timed(async () => {
          remove = await startByHand(engine.docker, image, join(slipway.folder, `by-hand-${round}`))
        }),
      )
      await remove()
    }
  } finally {
    await slipway.end()
  }
  printComparison(
    `Request to running with RUNTIME=docker, ${ROUNDS} rounds, one at a time, in ms`,
    bySlipway,
    {
      what: 'create and start by hand',
      samples: byHand,
    },
  )
} finally {
  await engine.remove()
}
