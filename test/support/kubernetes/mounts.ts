import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { valuesOf } from './container-environment'
import type { Container, Pod, Volume } from './objects'
import type { Store } from './store'

interface Place {
  store: Store
  pod: Pod
  /** By claim. */
  claims: ReadonlyMap<string, string>
  /** The Pod's own, for volumes that are gone with it. */
  folder: string
}

/** @returns the folder of this host behind each volume; undefined while one isn't there, which keeps the Pod waiting */
export function volumesOf({ store, pod, claims, folder }: Place): Map<string, string> | undefined {
  const found = new Map<string, string>()
  for (const volume of pod.spec.volumes ?? []) {
    const path = pathOf(volume)
    if (path === undefined) return undefined
    mkdirSync(path, { recursive: true })
    found.set(volume.name, path)
    if (!volume.secret) continue
    for (const [key, text] of valuesOf(store, pod, { name: volume.secret.secretName }))
      writeFileSync(join(path, key), text, { mode: 0o600 })
  }
  return found

  function pathOf({ name, persistentVolumeClaim }: Volume) {
    return persistentVolumeClaim ? claims.get(persistentVolumeClaim.claimName) : join(folder, 'volumes', name)
  }
}

/** @returns by path in the container, longest first, the folder that it stands for; `subPath` is made like a kubelet does */
export function mountsOf({ volumeMounts = [] }: Container, volumes: ReadonlyMap<string, string>) {
  const mounts = volumeMounts.map(({ name, mountPath, subPath = '' }) => {
    const path = join(volumes.get(name) ?? '', subPath)
    mkdirSync(path, { recursive: true, mode: 0o750 })
    return [mountPath.replace(/\/+$/, ''), path] as const
  })
  return mounts.sort(([one], [other]) => other.length - one.length)
}

/** A path in a container as one on this host, when it is below a mount. */
export function onHost(mounts: ReturnType<typeof mountsOf>, path: string): string {
  const [mounted, folder] = mounts.find(([at]) => path === at || path.startsWith(`${at}/`)) ?? ['', '']
  return folder + path.slice(mounted.length)
}
