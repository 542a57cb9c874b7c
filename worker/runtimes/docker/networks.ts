import { setTimeout as pause } from 'node:timers/promises'
import type Docker from 'dockerode'
import { newId } from '../../../db/ids'
import { ask, timeLimit, tolerating } from './engine'
import { having, labelsOf, nameOf, type Owner, ofMachine } from './names'

/**
 * The private network of a machine: found again by its labels, or made. Two workers at once may make one
 * each, which harms nobody; they are named apart because the Engine refuses a name that two have.
 * @param assertMine called right before it is made
 * @returns its id
 */
export async function ensureNetwork(
  docker: Docker,
  owner: Owner,
  { assertMine, signal }: { assertMine(): void; signal: AbortSignal },
): Promise<string> {
  const found = await ask(docker.listNetworks(having(labelsOf(owner))), { signal })
  const [known] = found.map(({ Id }) => Id).sort()
  if (known) return known
  assertMine()
  const name = `${nameOf(owner)}-${newId().slice(0, 6)}`
  const create = docker.createNetwork({ Name: name, Driver: 'bridge', Labels: labelsOf(owner) })
  return (await ask(create)).id
}

/** Removes all networks of a machine; what was attached to them must be gone, or on its way. */
export async function removeNetworks(
  docker: Docker,
  installationId: string,
  machineId: string,
  mayEnd: () => boolean,
): Promise<void> {
  for (const limit = timeLimit(`the network of ${machineId}`); ; limit()) {
    const left = await ask(docker.listNetworks(ofMachine(installationId, machineId)))
    if (!left.length || !mayEnd()) return
    // 403: still in use.
    await Promise.all(left.map(({ Id }) => tolerating([403, 404, 409], ask(docker.getNetwork(Id).remove()))))
    await pause(50)
  }
}
