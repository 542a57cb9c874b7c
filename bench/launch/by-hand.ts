import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '~/test/support/free-port'
import { inheritedEnvironment } from '~/worker/runtimes/process/services'
import { LOOK_EVERY_MS } from '../slipway'
import { timed } from '../support'

/** What every way of launching starts here. */
export const SERVICE = 'build/filebrowser/index.js'

/** Spawns the service and awaits its first answer. @returns how long that took, and what ends it */
export async function startByHand(workspace: string): Promise<{ ms: number; end(): Promise<void> }> {
  mkdirSync(workspace, { recursive: true })
  const port = await freePort()
  const env: Record<string, string> = {
    ...inheritedEnvironment(process.env),
    HOST: '127.0.0.1',
    PORT: String(port),
    WORKSPACE: workspace,
    HOME: workspace,
  }
  let child: ReturnType<typeof spawn> | undefined
  const ms = await timed(async () => {
    child = spawn(process.execPath, [SERVICE], {
      env: env as NodeJS.ProcessEnv,
      stdio: 'ignore',
      detached: true,
    })
    while (!(await answers(`http://127.0.0.1:${port}/healthz`))) await pause(LOOK_EVERY_MS)
  })
  return {
    ms,
    async end() {
      const ended = child && once(child, 'exit')
      child?.kill('SIGKILL')
      await ended
    },
  }
}

// Of node:http, as eight that ask with fetch would keep a processor from the services.
const answers = (url: string) =>
  new Promise<boolean>((resolve) => {
    get(url, (answer) => resolve(answer.resume().statusCode === 200)).on('error', () => resolve(false))
  })
