import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Docker from 'dockerode'
import { importImage, NODE } from '~/scripts/steps/image.mjs'
import { isAlive, killProcess } from './processes'
import { temporaryFolder } from './temp-folder'
import { until } from './until'

const missing = ['/usr/sbin/dockerd', '/usr/bin/dockerd'].some(existsSync)
  ? process.getuid?.() !== 0 && 'These tests start an Engine of their own, which only root may.'
  : 'These tests need a Docker Engine: apt-get install docker.io'

/** Whether to leave out what needs an Engine. CI never does: there a missing one fails the tests. */
export const noEngine = Boolean(missing) && !process.env.CI
if (noEngine) console.warn(`Skipped: ${missing}`)

export interface TestEngine {
  docker: Docker
  dockerHost: string
  folder: string
  /** Ends the Engine alone. Containers live on until the next start, as they do when it crashes. */
  kill(): Promise<void>
  /** Starts it again; returns once it answers. */
  start(): Promise<void>
  /** Ends and removes everything. */
  remove(): Promise<void>
}

/** A Docker Engine of the test's own, with nothing on it. Needs root. */
export async function startEngine(): Promise<TestEngine> {
  if (missing) throw new Error(missing)
  const folder = temporaryFolder()
  const path = (name: string) => join(folder.path, name)
  const socket = path('docker.sock')
  const docker = new Docker({ socketPath: socket, host: undefined, port: undefined })
  mkdirSync(path('root'))
  // Small networks, and others than those of an Engine that runs here besides.
  const base = `10.${100 + (process.pid % 100)}.0.0/16`
  writeFileSync(path('daemon.json'), JSON.stringify({ 'default-address-pools': [{ base, size: 28 }] }))
  let pid = 0

  async function start() {
    const files = {
      'data-root': 'root',
      'exec-root': 'exec',
      pidfile: 'docker.pid',
      'config-file': 'daemon.json',
    }
    const args = Object.entries(files).map(([name, file]) => `--${name}=${path(file)}`)
    // It leaves the host's own network alone: what is published goes through its proxy.
    const network = [
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--ip-forward=false',
      '--ip-masq=false',
    ]
    const log = path('dockerd.log')
    const command = `exec dockerd "$@" >>"${log}" 2>&1`
    const child = spawn(
      '/bin/sh',
      ['-c', command, 'dockerd', `--host=unix://${socket}`, ...args, ...network],
      {
        detached: true,
        stdio: 'ignore',
      },
    )
    pid = child.pid ?? 0
    await until('the Engine answers', async () => {
      if (!isAlive(pid)) throw new Error(`The Engine ended at once, see ${log}.`)
      return docker.ping().catch(() => undefined)
    })
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL') {
    killProcess(pid, signal)
    await until('the Engine is gone', () => !isAlive(pid))
  }

  await start()
  return {
    docker,
    dockerHost: `unix://${socket}`,
    folder: folder.path,
    kill: () => kill(),
    start,
    async remove() {
      const left = isAlive(pid) ? await docker.listContainers({ all: true }) : []
      await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
      await docker.pruneNetworks().catch(() => undefined)
      await kill('SIGTERM')
      await pause(0)
      folder.remove()
    },
  }
}

/** The image of a service that behaves as test/support/programs/service.mjs says. */
export async function serviceImage(docker: Docker, behaviour: string, path = ''): Promise<string> {
  const tag = `slipway-test:${behaviour}`
  const files = { '/service.mjs': join(process.cwd(), 'test/support/programs/service.mjs') }
  await importImage(docker, { tag, files, command: [NODE, '/service.mjs', behaviour, path] })
  return tag
}
