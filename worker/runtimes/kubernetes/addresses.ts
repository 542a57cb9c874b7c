import { isIPv6 } from 'node:net'
import type { V1EnvVar, V1Pod } from '@kubernetes/client-node'
import type { ServiceAddress } from '../../../db/machine-outcomes'
import type { ServiceName } from '../../../db/schema'
import type { ServiceImage } from '../service-images'

/** `service`: by its name in the cluster's DNS, which is nobody else's. `pod`: at the Pod's own address. */
export type Reach = 'service' | 'pod'

/** Where one of a Pod's services answers; undefined while it has no address. */
export function addressOf(pod: V1Pod, { port }: ServiceImage, reach: Reach): string | undefined {
  const { name, namespace } = pod.metadata ?? {}
  if (reach === 'service') return `http://${name}.${namespace}.svc:${port}`
  const ip = pod.status?.podIP
  return ip && `http://${isIPv6(ip) ? `[${ip}]` : ip}:${port}`
}

/** Tells services that address, without its port: the file manager answers to no other name. */
export const servedAs = (podName: string, namespace: string, reach: Reach): V1EnvVar => ({
  name: 'SERVED_AS',
  ...(reach === 'service'
    ? { value: `${podName}.${namespace}.svc` }
    : { valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }),
})

const lives = (pod: V1Pod) => !pod.metadata?.deletionTimestamp

/** The services of a Pod that live. One that is being deleted may be on a node that is lost, and has none. */
export const livingServices = (pod: V1Pod): ServiceName[] =>
  (lives(pod) ? (pod.status?.containerStatuses ?? []) : [])
    .filter(({ state }) => state?.running)
    .map(({ name }) => name as ServiceName)

export const addressesOf = (
  pod: V1Pod,
  images: Partial<Record<ServiceName, ServiceImage>>,
  reach: Reach,
): ServiceAddress[] =>
  livingServices(pod).flatMap((name) => {
    const run = images[name]
    const address = run && addressOf(pod, run, reach)
    return address ? [{ name, address }] : []
  })
