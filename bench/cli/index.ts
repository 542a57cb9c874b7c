import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { percentile, printTable, timed } from '../support'

/**
 * How long the command takes to start, beside a Node that does nothing. Rounds interleave all of them, so that the
 * ratios hold on a machine that is busy with something else too.
 *
 *   npm run bench:cli [rounds = 30]
 *
 * Needs `npm run build`.
 */
const rounds = Number(process.argv[2] ?? 30)

const me = { id: 'u1', email: 'ana@example.org', display_name: null, username: 'ana', token_type: 'cli' }
const server = createServer((req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(req.url?.startsWith('/trpc/') ? { result: { data: me } } : me))
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
const PROGRAM = 'build/cli/runcomfy.mjs'
const WAYS = [
  { what: 'node -e 0', args: ['-e', '0'] },
  { what: 'node, one request by fetch', args: ['-e', `fetch('${address}').then((answer) => answer.json())`] },
  {
    what: 'node, one request by node:http',
    args: ['-e', `require('node:http').get('${address}', (answer) => answer.resume())`],
  },
  { what: 'runcomfy --version', args: [PROGRAM, '--version'] },
  { what: 'runcomfy whoami', args: [PROGRAM, 'whoami', '--output', 'json'] },
].map((way) => ({ ...way, took: [] as number[] }))

for (let round = -1; round < rounds; round++)
  for (const { what, args, took } of WAYS) {
    const ms = await timed(() => start(what, args))
    // The first round warms the disk's cache.
    if (round >= 0) took.push(ms)
  }
server.close()

const [bare = Number.NaN] = WAYS.map(({ took }) => percentile(took, 0.5))
printTable(
  `Start to end, median of ${rounds}`,
  WAYS.map(({ what, took }) => {
    const median = percentile(took, 0.5)
    return { what, ms: median.toFixed(0), 'times node -e 0': (median / bare).toFixed(2) }
  }),
)

async function start(what: string, args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${what} ended with ${code}.`)
}
