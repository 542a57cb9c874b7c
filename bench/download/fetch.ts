import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { transfer } from '~/filebrowser/transfers/transfer'
import { freeBytes } from '~/filebrowser/workspace/room'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { issuerSettings } from '~/providers/issuers'
import { parseModelUrl } from '~/providers/models/source'
import { createNetwork } from '~/providers/network/network'

/* Fetches one file as the filebrowser does, and prints how long that took and how much memory it needed at most. */

const [endpoint = '', url = '', folder = ''] = process.argv.slice(2)
const issuers = issuerSettings({
  huggingfaceEndpoint: endpoint,
  civitaiEndpoint: undefined,
  downloadHosts: [],
})
const network = createNetwork({ trustedHosts: issuers.trustedHosts, userAgent: 'bench', here: 'Here' })
const workspace = await openWorkspace(folder)
const deps = {
  workspace,
  network,
  tokens: {},
  makeRoom: (_bytes: number, target: string) => freeBytes(target),
  sleep: (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }),
}
const progress = { onFile: async () => {}, onVerifying: () => {}, onBytes: () => {}, onNotice: console.error }
const request = { source: parseModelUrl(url, issuers), folder: '', id: 'bench' }

const from = performance.now()
const { verified } = await transfer(deps, request, progress, new AbortController().signal)
const ms = performance.now() - from
console.log(JSON.stringify({ ms, rssMegabytes: process.resourceUsage().maxRSS / 1024, verified }))
await network.close()
