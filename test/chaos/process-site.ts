import { killProcess, labelledProcesses } from '../support/processes'
import { until } from '../support/until'
import type { Site } from './site'

/** Machines as processes of this host. */
export function processSite(installationId: string): Site {
  const living = async () => labelledProcesses(installationId)
  return {
    docker: undefined,
    living,
    leftovers: async () => [],
    restart: undefined,
    async remove() {
      await until('no process of a machine is left', async () => {
        const left = labelledProcesses(installationId)
        for (const { pid } of left) killProcess(pid)
        return left.length === 0
      })
    },
  }
}
