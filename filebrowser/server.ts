import { createServer, type Server } from 'node:http'
import express from 'express'
import { createNetwork } from '~/providers/network/network'
import { scrub } from '~/scrub'
import { Downloads } from './downloads/downloads'
import { archiveRoute } from './http/archive'
import { downloadsRouter } from './http/downloads'
import { filesRouter } from './http/files'
import { guard } from './http/guard'
import { previewRoute } from './http/preview'
import { answerRefusals, route } from './http/route'
import { describeSession } from './http/session'
import { tasksRouter } from './http/tasks'
import { trashRouter } from './http/trash'
import { uploadsRouter } from './http/uploads'
import { Refusal } from './refusal'
import type { FilebrowserSettings } from './settings'
import { removeHalfCopies } from './tasks/journal'
import { Tasks } from './tasks/tasks'
import { Trash } from './trash/trash'
import { Uploads } from './uploads/uploads'
import { openWorkspace } from './workspace/workspace'
import { type FreeBytes, freeBytes as freeBytesOnDisk } from './workspace/write-whole'

const SWEEP_EVERY_MS = 60_000

interface Options {
  /** Folder of the built page; without it only the API answers. */
  publicDir?: string
  freeBytes?: FreeBytes
  /** Milliseconds since the epoch. */
  now?: () => number
  log?: (line: string) => void
}

export interface Filebrowser {
  /** Not listening yet. */
  server: Server
  /** Cancels what is being downloaded, ends every connection and waits for both. */
  close(): Promise<void>
}

/** Builds the whole program round one workspace. */
export async function createFilebrowser(
  settings: FilebrowserSettings,
  { publicDir, freeBytes = freeBytesOnDisk, now = Date.now, log = console.error }: Options = {},
): Promise<Filebrowser> {
  const { tokens, issuers } = settings
  const onFault = (error: unknown) => log(scrub(faultText(error), Object.values(tokens)))
  const workspace = await openWorkspace(settings.workspace)
  const network = createNetwork({
    trustedHosts: issuers.trustedHosts,
    userAgent: 'slipway-filebrowser/0.1',
    here: 'This machine',
  })
  const downloads = new Downloads({ workspace, network, tokens, issuers, freeBytes, now, onFault })
  const trash = new Trash({ workspace, freeBytes, now })
  const makeRoom = (bytes: number, target: string) => trash.makeRoom(bytes, target)
  await removeHalfCopies(workspace)
  const tasks = new Tasks({ workspace, makeRoom, onFault })
  const uploads = new Uploads({ workspace, makeRoom, now })
  const upkeep = setInterval(sweep, SWEEP_EVERY_MS).unref()
  function sweep() {
    trash.sweep().catch(onFault)
    uploads.sweep().catch(onFault)
  }
  sweep()

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
  app.use('/api', filesRouter(workspace, trash))
  app.get('/api/preview', previewRoute(workspace))
  app.get('/api/archive', archiveRoute(workspace))
  app.use('/api/trash', trashRouter(trash))
  app.use('/api/tasks', tasksRouter(tasks))
  app.use('/api/uploads', uploadsRouter(uploads, onFault))
  app.use('/api/downloads', downloadsRouter(downloads))
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
      clearInterval(upkeep)
      await Promise.all([downloads.close(), tasks.close()])
      server.closeAllConnections()
      await closed
      await network.close()
    },
  }
}

const faultText = (error: unknown) =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
