import { setTimeout as pause } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { ServiceName } from '../../../db/schema'
import { LaunchError } from '../../launch-errors'
import { assertPassable } from '../environment'
import type { INSIDE } from '../in-container'
import { waitUntilAnswers } from '../readiness'
import type { LaunchPlan } from '../runtime'
import type { ServiceImage } from '../service-images'
import { assertConfined } from './confined'
import {
  addressAt,
  containerOptions,
  environmentOf,
  hostPortOf,
  logTail,
  removeContainer,
} from './containers'
import { ask, refusal, statusOf, tolerating } from './engine'
import { pullImage } from './images'
import { having, LABEL, nameOf, type Owner, serviceLabels } from './names'

/** More than creating a container takes. */
const RESERVED_AFTER_MS = 5000
const TRIES_MAX = 6
/** How often the Engine is asked whether a service that doesn't answer still lives. */
const LOOK_EVERY_MS = 250

/** How a shell, and the Engine's process 1, end when the program can't be run or isn't there. */
const NOT_EXECUTABLE = [126, 127]

/** All that starting one service of one machine needs. */
export interface ServiceStart {
  docker: Docker
  owner: Owner
  service: ServiceName
  run: ServiceImage
  /** The whole environment that the container is given. */
  env: Record<string, string>
  plan: LaunchPlan
  /** Where everything that machines share of the host is. */
  dataDir: string
  /** On the host. */
  folders: Record<keyof typeof INSIDE, string>
  /** uid:gid */
  hostUser: string
  startTimeoutMs: number
  /** Id of the machine's private network. */
  network: string
  /** @throws when another worker has taken over */
  assertMine(): void
  /** Before a container is removed, see `Removal`. */
  drain(id: string): Promise<void>
  pickPort(): Promise<number>
}

/**
 * Starts one service, or takes over the container that an earlier try made.
 * @returns its address, once it answers there
 */
export async function startService(start: ServiceStart, signal: AbortSignal): Promise<string> {
  const { docker } = start
  assertPassable(start.env)
  for (let tries = 1; ; tries++) {
    const id = await adoptOrCreate(start, signal)
    try {
      // 304: it runs already.
      await tolerating([304], ask(docker.getContainer(id).start(), { signal }))
    } catch (error) {
      if (!mayPass(error) || tries >= TRIES_MAX) throw refusal(error)
      // Its port was taken in the meantime, or it is gone itself: another one is made.
      await removeContainer(docker, id, atOnce(start))
      continue
    }
    return untilReady(start, id, signal)
  }
}

const atOnce = ({ plan, drain }: ServiceStart) => ({ graceMs: 0, mayEnd: plan.stillMine, drain })

const mayPass = (error: unknown) =>
  statusOf(error) === 404 ||
  (error instanceof Error && /port is already allocated|address already in use/i.test(error.message))

async function adoptOrCreate(start: ServiceStart, signal: AbortSignal): Promise<string> {
  const { docker, owner, plan, network } = start
  const name = nameOf(owner, start.service)
  const begun = performance.now()
  for (let tries = 1; ; tries++) {
    const known = await adopt(start, signal)
    if (known) return known
    const hostPort = await start.pickPort()
    const isReserved = performance.now() - begun > RESERVED_AFTER_MS
    try {
      // A name can stay reserved after a create that failed, until the Engine is restarted. Until then
      // another worker may be creating it, which the Engine shows only once it is done.
      const nameSuffix = isReserved ? `-${tries}` : ''
      const options = containerOptions(start, { network, hostPort, nameSuffix })
      await assertConfined(options, { dataDir: start.dataDir, network })
      start.assertMine()
      // Awaited whatever happens: one that came after the clean-up would stay.
      const { id } = await ask(docker.createContainer(options))
      return id
    } catch (error) {
      const isTaken = statusOf(error) === 409
      if (tries >= TRIES_MAX && (!isTaken || isReserved)) throw refusal(error)
      if (isTaken) await assertOurs(start, name, signal)
      else if (statusOf(error) === 404 && /no such image/i.test((error as Error).message))
        await pullImage(docker, { image: start.run.image, report: plan.report, signal })
      else throw refusal(error)
      await pause(100, undefined, { signal })
    }
  }
}

/** What an earlier try of this attempt made, unless it has ended or was given another environment. */
async function adopt(start: ServiceStart, signal: AbortSignal): Promise<string | undefined> {
  const { docker, owner, service } = start
  const wanted = having(serviceLabels(owner, service))
  const found = await ask(docker.listContainers({ all: true, ...wanted }), { signal })
  const [first, ...others] = found.map(({ Id }) => Id).sort()
  for (const id of others) await removeContainer(docker, id, atOnce(start))
  if (!first) return undefined
  const info = await tolerating([404], ask(docker.getContainer(first).inspect(), { signal }))
  if (info && ['created', 'running'].includes(info.State.Status) && (await hasEnvironment(start, info)))
    return first
  await removeContainer(docker, first, atOnce(start))
  return undefined
}

/** Whether the container was made with today's environment: tokens may have changed since. */
async function hasEnvironment(
  { docker, env }: ServiceStart,
  { Config, Image }: Docker.ContainerInspectInfo,
): Promise<boolean> {
  const image = await tolerating([404], ask(docker.getImage(Image).inspect()))
  const wanted = environmentOf(image?.Config.Env)
  for (const [name, value] of Object.entries(env)) wanted.set(name, value)
  const actual = environmentOf(Config.Env)
  return actual.size === wanted.size && [...wanted].every(([name, value]) => actual.get(name) === value)
}

/** @throws LaunchError when what has our name doesn't carry our labels */
async function assertOurs({ docker, owner, service }: ServiceStart, name: string, signal: AbortSignal) {
  const info = await tolerating([404], ask(docker.getContainer(name).inspect(), { signal }))
  if (!info) return
  const labels = Object.entries(serviceLabels(owner, service))
  if (labels.every(([label, value]) => info.Config.Labels[label] === value)) return
  const whose = info.Config.Labels[LABEL.installation] ?? 'nobody that Slipway knows'
  throw new LaunchError('name_taken', `The container ${name} belongs to ${whose}. Remove or rename it.`)
}

async function untilReady(start: ServiceStart, id: string, signal: AbortSignal): Promise<string> {
  const { docker, service, run, plan } = start
  const tail = () => logTail(docker, id, plan.secrets)
  const inspect = () => tolerating([404], ask(docker.getContainer(id).inspect(), { signal }))
  const assertAlive = async () => {
    const info = await inspect()
    if (info?.State.Status === 'running') return info
    const how = info?.State.OOMKilled
      ? 'ran out of memory'
      : `ended${info ? ` (exit code ${info.State.ExitCode})` : ''}`
    const text = `${service} ${how} while it was starting. Its last lines:\n${info ? await tail() : ''}`
    const errorClass = NOT_EXECUTABLE.includes(info?.State.ExitCode ?? 0)
      ? 'command_not_found'
      : 'service_exited'
    throw new LaunchError(errorClass, text)
  }
  const address = addressAt(hostPortOf(await assertAlive()))
  let lookedAt = Date.now()
  await waitUntilAnswers(
    {
      service,
      url: address + run.readyPath,
      timeoutMs: start.startTimeoutMs,
      async assertAlive() {
        if (Date.now() - lookedAt < LOOK_EVERY_MS) return
        await assertAlive()
        lookedAt = Date.now()
      },
      // The Engine holds the port for it as long as it runs.
      isOurs: async () => (await assertAlive()) !== undefined,
      logTail: tail,
    },
    signal,
  )
  return address
}
