import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { openDb } from '~/db/open'
import { machines } from '~/db/schema'
import { createTerminalLink } from '~/db/sign-in-links'
import { inheritedEnvironment } from '~/worker/runtimes/process/services'
import { percentile, printTable, timed } from '../support'

const ROUNDS = 20
const LOOK_EVERY_MS = 5

export interface RunningSlipway {
  url: string
  dataDir: string
}

/**
 * From the launch request over HTTP until the machine is running, against spawning the same service by
 * hand and awaiting its first answer. The rounds alternate, so that both meet the same machine.
 */
export async function requestToRunning({ url, dataDir }: RunningSlipway): Promise<void> {
  const db = openDb(join(dataDir, 'slipway.db'))
  const cookie = await signIn(url, createTerminalLink(db, Date.now))
  const call = async (procedure: string, input: object) => {
    const answer = await fetch(`${url}/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: url, Cookie: cookie },
      body: JSON.stringify(input),
    })
    if (!answer.ok) throw new Error(`${procedure}: ${answer.status} ${await answer.text()}`)
    return ((await answer.json()) as { result: { data: { id: string } } }).result.data
  }
  const reaches = async (id: string, wanted: string) => {
    for (;;) {
      const row = db.select({ status: machines.status }).from(machines).where(eq(machines.id, id)).get()
      if (row?.status === wanted) return
      if (row?.status === 'failed') throw new Error('the launch failed')
      await pause(LOOK_EVERY_MS)
    }
  }

  const slipway: number[] = []
  const byHand: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    let id = ''
    slipway.push(
      await timed(async () => {
        id = (await call('machines.launch', { kind: 'comfyui' })).id
        await reaches(id, 'running')
      }),
    )
    await call('machines.stop', { id })
    await reaches(id, 'stopped')
    byHand.push(await startByHand(join(dataDir, 'by-hand')))
  }
  db.$client.close()
  printTable(
    `Request to running, ${ROUNDS} rounds, one at a time, in ms`,
    [
      ['Slipway', slipway],
      ['spawn and await by hand', byHand],
    ].map(([what, samples]) => ({
      what: what as string,
      p50: percentile(samples as number[], 0.5).toFixed(0),
      p95: percentile(samples as number[], 0.95).toFixed(0),
    })),
  )
  console.log(`ratio at p50: ${(percentile(slipway, 0.5) / percentile(byHand, 0.5)).toFixed(2)}`)
}

async function signIn(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/sign-in/${token}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: url, 'Content-Type': 'application/x-www-form-urlencoded' },
  })
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
  if (!cookie) throw new Error(`signing in answered ${answer.status}`)
  return cookie
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
