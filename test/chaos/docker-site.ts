import { serviceImage, startEngine } from '../support/engine'
import type { Site } from './site'

const BEHAVIOUR = 'answers'

/**
 * Machines as containers of an Engine of the run's own. With live-restore: without it every restart of the
 * Engine rightly ends all machines, and there would be nothing left to count.
 */
export async function dockerSite(installationId: string): Promise<Site> {
  const engine = await startEngine({ liveRestore: true })
  const { docker, dockerHost } = engine
  const filebrowserImage = await serviceImage(docker, BEHAVIOUR)
  const mine = { filters: { label: [`slipway.installation=${installationId}`] } }
  const containers = () => docker.listContainers({ all: true })
  return {
    docker: { dockerHost, filebrowserImage, comfyuiImage: undefined },

    async living() {
      const found = (await containers()).filter(({ State }) => State === 'running')
      return found.map(({ Labels }) => ({
        machineId: Labels['slipway.machine'] ?? '',
        attempt: Number(Labels['slipway.attempt']),
        service: Labels['slipway.service'] ?? '',
      }))
    },

    async leftovers(machines) {
      const dead = (await containers()).filter(({ State }) => State !== 'running')
      const networks = await docker.listNetworks(mine)
      const { Volumes } = await docker.listVolumes()
      return [
        ...dead.map(({ Names, State }) => `container ${Names[0]} (${State})`),
        ...(networks.length === machines ? [] : [`${networks.length} networks for ${machines} machines`]),
        ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
      ]
    },

    async restart(whileAway) {
      await engine.kill()
      await whileAway()
      await engine.start()
    },

    remove: engine.remove,
  }
}
