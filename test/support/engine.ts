import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Docker from 'dockerode'
import { importImage, NODE } from '~/scripts/steps/image.mjs'
import { endContainers, removeBridges, unmountBelow } from './engine-remains'
import { mendHalfRemovedNetworks } from './engine-store'
import { isAlive } from './processes'
import { temporaryFolder } from './temp-folder'
import { until } from './until'

const isInstalled = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'].some(existsSync)
const missing = isInstalled
  ? process.getuid?.() !== 0 && 'These tests start a Docker Engine of their own, which only root may.'
  : 'These tests need a Docker Engine: apt-get install docker.io'

/** Whether to leave out what needs an Engine. CI never does: there a missing one fails the tests. */
export const noEngine = Boolean(missing) && !process.env.CI
if (noEngine) console.warn(`Skipped: ${missing}`)

/** Enough for a panic with its reason, which stands above a long stack. */
const LOG_SHOWN = 4000
/** An Engine that dies in the middle of an answer is waited for without end. */
const REMOVAL_LIMIT_MS = 30_000
/** What Linux calls the type of an overlay file system. */
const OVERLAY = 0x794c7630

export interface TestEngine {
  docker: Docker
  dockerHost: string
  /** Ends the Engine in the middle of whatever it does. Containers outlive it, at least until its next start. */
  kill(): Promise<void>
  /** Starts it again; returns once it answers. */
  start(): Promise<void>
  /** Ends and removes everything, even of an Engine that can't start any more. */
  remove(): Promise<void>
}

/**
 * A Docker Engine of the test's own, with nothing on it. Needs root.
 * @param liveRestore whether containers outlive the Engine's next start too, as its operator may choose
 */
export async function startEngine({ liveRestore = false } = {}): Promise<TestEngine> {
  if (missing) throw new Error(missing)
  const folder = temporaryFolder()
  const path = (name: string) => join(folder.path, name)
  const log = path('log')
  mkdirSync(path('root'))
  // Layers can't lie on layers, as where these tests run in a container; copies of them would take minutes.
  if (statfsSync(folder.path).type === OVERLAY)
    execFileSync('mount', ['-t', 'tmpfs', 'slipway-test', path('root')])
  const docker = new Docker({ socketPath: path('docker.sock'), host: undefined, port: undefined })
  // Small networks, and others than those of an Engine that runs here besides.
  const pool = { base: `10.${100 + (process.pid % 100)}.0.0/16`, size: 28 }
  writeFileSync(
    path('daemon.json'),
    JSON.stringify({
      'default-address-pools': [pool],
      'live-restore': liveRestore,
      'data-root': path('root'),
      'exec-root': path('exec'),
      pidfile: path('docker.pid'),
      containerd: path('containerd.sock'),
      hosts: [`unix://${path('docker.sock')}`],
      // It leaves the host's own network alone: what is published goes through its proxy.
      bridge: 'none',
      iptables: false,
      ip6tables: false,
      'ip-forward': false,
      'ip-masq': false,
    }),
  )
  writeFileSync(
    path('containerd.toml'),
    `version = 2
root = "${path('containerd/root')}"
state = "${path('containerd/state')}"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "${path('containerd.sock')}"
`,
  )

  function run(command: string) {
    const child = spawn('/bin/sh', ['-c', `exec ${command} >>"${log}" 2>&1`], {
      detached: true,
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    // Not only dead but collected: a pid file holds as long as there is anything by that number.
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal)
      await ended
    }
    return { end, isAlive: () => isAlive(child.pid ?? 0) }
  }

  const answers = (what: ReturnType<typeof run>, look: () => Promise<unknown> | boolean) =>
    until('it answers', async () => {
      if (!what.isAlive()) throw new Error(`It ended:\n${readFileSync(log, 'utf8').slice(-LOG_SHOWN)}`)
      return look()
    })

  const store = path('root/network/files/local-kv.db')
  let dockerd: ReturnType<typeof run> | undefined
  async function startOnce() {
    const started = run(`dockerd --config-file "${path('daemon.json')}"`)
    dockerd = started
    await answers(started, () => docker.ping().catch(() => undefined))
  }

  async function start() {
    try {
      await startOnce()
    } catch (error) {
      if (!mendHalfRemovedNetworks((error as Error).message, store)) throw error
      console.warn(
        'The Engine was killed while it removed a network and could not start: mended (moby#45057).',
      )
      await startOnce()
    }
  }

  async function removeAll() {
    const left = await docker.listContainers({ all: true })
    await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
    await docker.pruneNetworks()
  }

  const containerd = run(`containerd --config "${path('containerd.toml')}"`)
  async function remove() {
    try {
      // The Engine's own way is tried first, as it knows best; but it may be what is broken.
      if (!dockerd?.isAlive()) await start().catch(() => undefined)
      await Promise.race([
        removeAll().catch(() => undefined),
        pause(REMOVAL_LIMIT_MS, undefined, { ref: false }),
      ])
      await dockerd?.end('SIGKILL')
      endContainers(path('containerd.sock'))
      removeBridges(store)
    } finally {
      await containerd.end('SIGTERM')
      unmountBelow(folder.path)
      folder.remove()
    }
  }

  try {
    await answers(containerd, () => existsSync(path('containerd.sock')))
    await start()
  } catch (error) {
    await remove().catch(() => undefined)
    throw error
  }
  return {
    docker,
    dockerHost: `unix://${path('docker.sock')}`,
    kill: async () => dockerd?.end('SIGKILL'),
    start,
    remove,
  }
}

/** The image of a service that behaves as test/support/programs/service.mjs says. */
export async function serviceImage(docker: Docker, behaviour: string, path = ''): Promise<string> {
  const tag = `slipway-test:${behaviour}`
  const files = { '/service.mjs': join(process.cwd(), 'test/support/programs/service.mjs') }
  await importImage(docker, { tag, files, command: [NODE, '/service.mjs', behaviour, path] })
  return tag
}
