import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { importImage, NODE } from '~/scripts/steps/image.mjs'
import { isAlive, killProcess } from './processes'
import { temporaryFolder } from './temp-folder'
import { until } from './until'

const isInstalled = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'].some(existsSync)
const missing = isInstalled
  ? process.getuid?.() !== 0 && 'These tests start a Docker Engine of their own, which only root may.'
  : 'These tests need a Docker Engine: apt-get install docker.io'

/** Whether to leave out what needs an Engine. CI never does: there a missing one fails the tests. */
export const noEngine = Boolean(missing) && !process.env.CI
if (noEngine) console.warn(`Skipped: ${missing}`)

/** What Linux calls the type of an overlay file system. */
const OVERLAY = 0x794c7630

export interface TestEngine {
  docker: Docker
  dockerHost: string
  /** Ends the Engine in the middle of whatever it does. Containers outlive it, at least until its next start. */
  kill(): Promise<void>
  /** Starts it again; returns once it answers. */
  start(): Promise<void>
  /** Ends and removes everything. */
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
    const pid = child.pid ?? 0
    // Not only dead but collected: a pid file holds as long as there is anything by that number.
    const end = async (signal: NodeJS.Signals) => {
      killProcess(pid, signal)
      await ended
    }
    return { end, isAlive: () => isAlive(pid) }
  }

  const answers = (what: ReturnType<typeof run>, look: () => Promise<unknown> | boolean) =>
    until('it answers', async () => {
      if (!what.isAlive()) throw new Error(`It ended:\n${readFileSync(log, 'utf8').slice(-2000)}`)
      return look()
    })

  const containerd = run(`containerd --config "${path('containerd.toml')}"`)
  await answers(containerd, () => existsSync(path('containerd.sock')))
  let dockerd: ReturnType<typeof run>
  async function start() {
    dockerd = run(`dockerd --config-file "${path('daemon.json')}"`)
    await answers(dockerd, () => docker.ping().catch(() => undefined))
  }
  await start()

  return {
    docker,
    dockerHost: `unix://${path('docker.sock')}`,
    kill: () => dockerd.end('SIGKILL'),
    start,
    async remove() {
      if (!dockerd.isAlive()) await start()
      const left = await docker.listContainers({ all: true })
      await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
      await docker.pruneNetworks()
      await dockerd.end('SIGTERM')
      await containerd.end('SIGTERM')
      for (const mount of mountsBelow(folder.path)) execFileSync('umount', ['-l', mount])
      folder.remove()
    },
  }
}

/** The deepest first. An Engine that was killed leaves some. */
const mountsBelow = (folder: string) =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`))
    .reverse()

/** The image of a service that behaves as test/support/programs/service.mjs says. */
export async function serviceImage(docker: Docker, behaviour: string, path = ''): Promise<string> {
  const tag = `slipway-test:${behaviour}`
  const files = { '/service.mjs': join(process.cwd(), 'test/support/programs/service.mjs') }
  await importImage(docker, { tag, files, command: [NODE, '/service.mjs', behaviour, path] })
  return tag
}
