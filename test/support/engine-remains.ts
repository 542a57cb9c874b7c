import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { bridgesIn } from './engine-store'

/** Ends the containers of an Engine that can't do so itself, by the containerd that runs them. */
export function endContainers(containerdSocket: string): void {
  const tasks = ['--address', containerdSocket, '--namespace', 'moby', 'tasks']
  const running = () =>
    execFileSync('ctr', [...tasks, 'list', '--quiet'], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
  // It says how the container ended, which is never well.
  for (const id of running()) spawnSync('ctr', [...tasks, 'delete', '--force', id])
  const left = running()
  if (left.length) throw new Error(`Containers are left: ${left}`)
}

/** Removes the host's interfaces for the networks of an Engine that has ended. */
export function removeBridges(store: string): void {
  for (const name of bridgesIn(store))
    if (existsSync(`/sys/class/net/${name}`)) execFileSync('ip', ['link', 'delete', name])
}

/** An Engine that was killed leaves some mounts. */
export function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`))
  // The deepest first.
  for (const mount of mounts.reverse()) execFileSync('umount', ['-l', mount])
}
