import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import express from 'express'
import { createNetwork } from '~/providers/network/network'
import { scrub } from '~/scrub'
import { Downloads } from './downloads/downloads'
import { openStore } from './downloads/store'
import { downloadsRouter } from './http/downloads'
import { filesRouter } from './http/files'
import { guard } from './http/guard'
import { answerRefusals, route } from './http/route'
import { describeSession } from './http/session'
import { Refusal } from './refusal'
import type { FilebrowserSettings } from './settings'
import { sleeper, systemTimers, type Timers } from './timers'
import { transfer } from './transfers/transfer'
import { openWorkspace } from './workspace/workspace'
import { type FreeBytes, freeBytes as freeBytesOnDisk } from './workspace/write-whole'

interface Options {
  /** Folder of the built page; without it only the API answers. */
  publicDir?: string
  freeBytes?: FreeBytes
  log?: (line: string) => void
  /** Of the queue of downloads. */
  timers?: Timers
}

export interface Filebrowser {
  /** Not listening yet. */
  server: Server
  /** Stops what is being downloaded, for a next process to go on with, and ends every connection. */
  close(): Promise<void>
}

/** Builds the whole program round one workspace. */
export async function createFilebrowser(
  settings: FilebrowserSettings,
  { publicDir, freeBytes = freeBytesOnDisk, log = console.error, timers = systemTimers }: Options = {},
): Promise<Filebrowser> {
  const { tokens, issuers } = settings
  const onFault = (error: unknown) => log(scrub(faultText(error), Object.values(tokens)))
  const workspace = await openWorkspace(settings.workspace)
  const network = createNetwork({
    trustedHosts: issuers.trustedHosts,
    userAgent: 'slipway-filebrowser/0.1',
    here: 'This machine',
  })
  const transfers = { workspace, network, tokens, freeBytes, sleep: sleeper(timers) }
  const downloads = await Downloads.open({
    workspace,
    issuers,
    tokens,
    timers,
    onFault,
    log,
    store: openStore(join(workspace.root, '.slipway/downloads')),
    atOnce: settings.downloadsAtOnce,
    fetch: (...request) => transfer(transfers, ...request),
    onDone: () => {},
  })

  const app = express().disable('x-powered-by').disable('etag')
  app.use(guard)
  app.get(
    '/healthz',
    route(async () => ({ ok: true })),
  )
  app.get(
    '/api/session',
    route(async () => describeSession(settings)),
  )
  app.use('/api', filesRouter(workspace, freeBytes))
  app.use('/api/downloads', downloadsRouter(downloads, systemTimers))
  if (publicDir) app.use(express.static(publicDir, { cacheControl: false }))
  app.use(() => {
    throw new Refusal('not_found', 'There is nothing here.')
  })
  app.use(answerRefusals(onFault))

  // A large upload takes as long as it takes; Node would cut it off after 5 minutes.
  const server = createServer({ requestTimeout: 0 }, app)
  return {
    server,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await downloads.close()
      server.closeAllConnections()
      await closed
      await network.close()
    },
  }
}

const faultText = (error: unknown) =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
