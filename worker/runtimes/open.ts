import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../env'
import { SettingsError } from '../../parse-environment'
import { processRuntime } from './process/runtime'
import type { Runtime } from './runtime'

/**
 * The runtime that the operator chose. The clients of the others, which are large, are not read in.
 * @param environment the server's; what services may inherit is picked from it
 * @throws SettingsError when what it needs isn't there
 */
export async function openRuntime(
  settings: Settings,
  installationId: string,
  environment: Record<string, string | undefined>,
): Promise<Runtime> {
  const logs = { program: join(process.cwd(), 'build/worker/log-writer.js'), bytesMax: settings.logBytesMax }
  if (settings.runtime === 'docker') {
    const { dockerRuntime } = await import('./docker/runtime')
    return dockerRuntime({ ...settings, installationId, logs })
  }
  if (settings.runtime === 'kubernetes') {
    assertHasCluster(settings.kubernetes.kubeconfig, environment)
    const { kubernetesRuntime } = await import('./kubernetes/runtime')
    return kubernetesRuntime({ ...settings, installationId, logs, user: unprivilegedUser() })
  }
  return processRuntime({
    ...settings,
    installationId,
    filebrowserProgram: join(process.cwd(), 'build/filebrowser/index.js'),
    logs,
    environment,
  })
}

/** @param kubeconfig path of a file; without one, the cluster is that of Slipway's own Pod */
function assertHasCluster(kubeconfig: string | undefined, environment: Record<string, string | undefined>) {
  if (kubeconfig === undefined && !environment.KUBERNETES_SERVICE_HOST)
    throw new SettingsError([
      'KUBECONFIG must name a file that says where the cluster is: this is no Pod of one',
    ])
  try {
    if (kubeconfig) accessSync(kubeconfig, constants.R_OK)
  } catch (error) {
    throw new SettingsError([`KUBECONFIG ${kubeconfig} can't be read: ${(error as Error).message}`])
  }
}

/** Machines' services run as the server itself, whose the folders are; and in a cluster nobody runs as root. */
function unprivilegedUser() {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  if (uid === 0)
    throw new SettingsError(['RUNTIME kubernetes needs Slipway to run as a user other than root'])
  return { uid, gid }
}
