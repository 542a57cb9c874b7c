import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '~/test/support/free-port'
import { timed } from '../support'
import { SERVICE } from './by-hand'

// Of Debian's own, which is not the Python that comes first here.
const PROGRAM = '/usr/bin/jupyterhub'

// Where Node is another than Debian's, it wouldn't find the packages of Debian's proxy.
const environment = (own: Record<string, string>): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_PATH: '/usr/share/nodejs',
  ...own,
})

/** Whether Debian's JupyterHub and its proxy are there: `apt-get install jupyterhub`. */
export const hasJupyterHub = () =>
  [PROGRAM, 'configurable-http-proxy'].every(
    (name) => spawnSync(name, ['--version'], { env: environment({}) }).status === 0,
  )

/** A JupyterHub of its own in the folder, with users `bench-0` and so on. */
export async function startJupyterHub(folder: string, users: number) {
  mkdirSync(folder, { recursive: true })
  const token = randomBytes(24).toString('hex')
  const [proxy, hub, api] = [await freePort(), await freePort(), await freePort()]
  const env = environment({
    BENCH_FOLDER: folder,
    BENCH_TOKEN: token,
    BENCH_PROXY_PORT: String(proxy),
    BENCH_HUB_PORT: String(hub),
    BENCH_API_PORT: String(api),
    BENCH_NODE: process.execPath,
    BENCH_SERVICE: resolve(SERVICE),
  })
  const program = spawn(PROGRAM, ['--config', resolve('bench/launch/jupyterhub_config.py')], {
    cwd: folder,
    env,
    stdio: 'inherit',
  })
  const call = (method: string, path: string) =>
    fetch(`http://127.0.0.1:${proxy}/hub/api/${path}`, {
      method,
      headers: { Authorization: `token ${token}` },
    })
  const asked = async (method: string, path: string, wanted: number) => {
    const answer = await call(method, path)
    if (answer.status !== wanted)
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }
  while (!(await call('GET', '').catch(() => undefined))?.ok) {
    if (program.exitCode !== null) throw new Error(`JupyterHub ended with ${program.exitCode}.`)
    await pause(100)
  }
  const names = Array.from({ length: users }, (_, n) => `bench-${n}`)
  for (const name of names) await asked('POST', `users/${name}`, 201)
  return {
    /** @returns how long it took until the server of that user was ready, and what ends it */
    async start(user: number) {
      const path = `users/${names[user]}/server`
      const ms = await timed(() => asked('POST', path, 201))
      return { ms, end: () => asked('DELETE', path, 204) }
    },

    async end() {
      program.kill('SIGTERM')
      await once(program, 'exit')
    },
  }
}

export type RunningJupyterHub = Awaited<ReturnType<typeof startJupyterHub>>
