import { join } from 'node:path'
import type { Settings } from '../../env'
import { dockerRuntime } from './docker/runtime'
import { processRuntime } from './process/runtime'
import type { Runtime } from './runtime'

/** The runtime that the operator chose. */
export function openRuntime(settings: Settings, installationId: string): Runtime {
  if (settings.runtime === 'docker') return dockerRuntime({ ...settings, installationId })
  return processRuntime({
    ...settings,
    installationId,
    filebrowserProgram: join(process.cwd(), 'build/filebrowser/index.js'),
    logs: { program: join(process.cwd(), 'build/worker/log-writer.js'), bytesMax: settings.logBytesMax },
    environment: process.env,
  })
}
