import { createServer, type Server } from 'node:http'
import express from 'express'
import { scrub } from '~/scrub'
import { archiveRoute } from './http/archive'
import { downloadsRouter } from './http/downloads'
import { filesRouter } from './http/files'
import { guard } from './http/guard'
import { preflightRouter } from './http/preflight'
import { previewRoute } from './http/preview'
import { answerRefusals, route } from './http/route'
import { describeSession } from './http/session'
import { tasksRouter } from './http/tasks'
import { trashRouter } from './http/trash'
import { uploadsRouter } from './http/uploads'
import { openProgram } from './program'
import { Refusal } from './refusal'
import type { FilebrowserSettings } from './settings'
import { systemTimers, type Timers } from './timers'
import { type FreeBytes, freeBytes as freeBytesOnDisk } from './workspace/room'

interface Options {
  /** Folder of the built page; without it only the API answers. */
  publicDir?: string
  freeBytes?: FreeBytes
  log?: (line: string) => void
  /** Of the queue of downloads. */
  timers?: Timers
  /** Milliseconds since the epoch, for what is kept for a while. */
  now?: () => number
}

export interface Filebrowser {
  /** Not listening yet. */
  server: Server
  /** Ends what runs, so that the next start goes on with it, and every connection; waits for both. */
  close(): Promise<void>
}

/** Builds the whole program round one workspace. */
export async function createFilebrowser(
  settings: FilebrowserSettings,
  {
    publicDir,
    freeBytes = freeBytesOnDisk,
    log = console.error,
    timers = systemTimers,
    now = Date.now,
  }: Options = {},
): Promise<Filebrowser> {
  const onFault = (error: unknown) => log(scrub(faultText(error), Object.values(settings.tokens)))
  const parts = await openProgram(settings, { freeBytes, timers, now, log, onFault })
  const { workspace, trash, tasks, uploads, downloads, preflight } = parts

  const app = express().disable('x-powered-by').disable('etag')
  app.use(guard(settings.servedAs))
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
  app.use('/api/tasks', tasksRouter(tasks, systemTimers))
  app.use('/api/uploads', uploadsRouter(uploads, onFault))
  app.use('/api/downloads', downloadsRouter(downloads, systemTimers))
  app.use('/api/preflight', preflightRouter(preflight))
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
      await parts.stop()
      server.closeAllConnections()
      await closed
      await parts.closeNetwork()
    },
  }
}

const faultText = (error: unknown) =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
