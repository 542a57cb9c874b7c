import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inheritedEnvironment } from '~/worker/runtimes/process/services'
import type { RunningSlipway } from '../slipway'
import { printComparison, timed } from '../support'

const ROUNDS = 20
const LOOK_EVERY_MS = 5

/**
 * From the launch request over HTTP until the machine is running, against spawning the same service by
 * hand and awaiting its first answer. The rounds alternate, so that both meet the same machine.
 */
export async function requestToRunning({ dataDir, launch, stop }: RunningSlipway): Promise<void> {
  const slipway: number[] = []
  const byHand: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    let id = ''
    slipway.push(
      await timed(async () => {
        id = await launch()
      }),
    )
    await stop(id)
    byHand.push(await startByHand(join(dataDir, 'by-hand')))
  }
  printComparison(`Request to running, ${ROUNDS} rounds, one at a time, in ms`, slipway, {
    what: 'spawn and await by hand',
    samples: byHand,
  })
}

async function startByHand(workspace: string): Promise<number> {
  const port = await freePort()
  const env: Record<string, string | undefined> = {
    ...inheritedEnvironment(process.env),
    HOST: '127.0.0.1',
    PORT: String(port),
    WORKSPACE: workspace,
  }
  let child: ReturnType<typeof spawn> | undefined
  const took = await timed(async () => {
    child = spawn(process.execPath, ['build/filebrowser/index.js'], {
      env: env as NodeJS.ProcessEnv,
      stdio: 'ignore',
      detached: true,
    })
    while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.ok)
      await pause(LOOK_EVERY_MS)
  })
  child?.kill('SIGKILL')
  return took
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address && typeof address === 'object' ? address.port : 0))
    })
  })
}
