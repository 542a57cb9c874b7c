import type { ServiceName } from '../../db/schema'

/** The part of the host name that stands for a service. */
const LABELS: Record<ServiceName, string> = { comfyui: 'comfyui', filebrowser: 'files', trainer: 'trainer' }

export interface MachineTarget {
  machineId: string
  service: ServiceName
}

/** Each service of each machine has a host name of its own, so that browsers keep them apart. */
export function machineHosts({ publicUrl, machinesDomain }: { publicUrl: string; machinesDomain: string }) {
  const { protocol, port } = new URL(publicUrl)
  const pattern = new RegExp(
    `^m-([a-z2-7]{16})-(${Object.values(LABELS).join('|')})\\.${machinesDomain.replaceAll('.', '\\.')}(:\\d+)?$`,
  )
  return {
    /** All of them, as a source of a content security policy. */
    origins: `${protocol}//*.${machinesDomain}${port && `:${port}`}`,

    /** @returns the service's origin and a slash */
    url: (machineId: string, service: ServiceName): string =>
      `${protocol}//m-${machineId}-${LABELS[service]}.${machinesDomain}${port && `:${port}`}/`,

    /** @param host the Host header; undefined unless it is a machine's */
    parse(host: string | undefined): MachineTarget | undefined {
      const [, machineId, label] = pattern.exec(host?.toLowerCase() ?? '') ?? []
      const service = (Object.keys(LABELS) as ServiceName[]).find((name) => LABELS[name] === label)
      return machineId && service ? { machineId, service } : undefined
    },
  }
}
