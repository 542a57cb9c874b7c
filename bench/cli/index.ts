import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Suite } from '../figures'
import { percentile, timed } from '../support'

const ROUNDS = 30
const PROGRAM = 'build/cli/runcomfy.mjs'
/** What Node takes to start and end. */
const NOTHING = ['-e', '0']

/**
 * From the start of the command to its end, beside a Node that does nothing. The rounds interleave all of them, so
 * that the ratios hold on a machine that is busy with something else too.
 */
const cli: Suite = async (report) => {
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify({ id: 'u1', email: 'ana@example.org', username: 'ana', token_type: 'cli' }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const env = {
    NODE_ENV: 'production',
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    RUNCOMFY_WEB_BASE: address,
    // Of the right shape, and of nobody.
    RUNCOMFY_TOKEN: 'slipway_cli_EXAMPLE000000000000000000000001zUr5s',
  } as const
  const byHttp = `require('node:http').get('${address}', (answer) => answer.resume())`
  const byFetch = `fetch('${address}').then((answer) => answer.json())`
  const ways = [
    { what: 'runcomfy whoami', args: [PROGRAM, 'whoami', '--output', 'json'], aim: { most: 3 } },
    { what: 'runcomfy --version', args: [PROGRAM, '--version'] },
    { what: 'Node, one request by node:http', args: ['-e', byHttp] },
    { what: 'Node, one request by fetch', args: ['-e', byFetch] },
  ].map((way) => ({ ...way, took: [] as number[] }))
  const bare: number[] = []
  for (let round = -1; round < ROUNDS; round++)
    for (const { args, took } of [{ args: NOTHING, took: bare }, ...ways]) {
      const ms = await timed(() => run(args, env))
      // The first round warms the disk's cache.
      if (round >= 0) took.push(ms)
    }
  server.close()
  const beside = { what: 'node -e 0', value: percentile(bare, 0.5) }
  for (const { what, took, aim } of ways)
    report({ what: `${what}, p50`, value: percentile(took, 0.5), unit: 'ms', beside, ...(aim && { aim }) })
}
export default cli

async function run(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}.`)
}
