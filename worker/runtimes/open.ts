import { join } from 'node:path'
import type { Settings } from '../../env'
import { dockerRuntime } from './docker/runtime'
import { processRuntime } from './process/runtime'
import type { Runtime } from './runtime'

/**
 * The runtime that the operator chose.
 * @param environment the server's; what services may inherit is picked from it
 */
export function openRuntime(
  settings: Settings,
  installationId: string,
  environment: Record<string, string | undefined>,
): Runtime {
  const logs = { program: join(process.cwd(), 'build/worker/log-writer.js'), bytesMax: settings.logBytesMax }
  if (settings.runtime === 'docker') return dockerRuntime({ ...settings, installationId, logs })
  return processRuntime({
    ...settings,
    installationId,
    filebrowserProgram: join(process.cwd(), 'build/filebrowser/index.js'),
    logs,
    environment,
  })
}
