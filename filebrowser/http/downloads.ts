import { Router } from 'express'
import { z } from 'zod'
import type { Downloads } from '../downloads/downloads'
import { jsonBody, route } from './route'

const HEARTBEAT_MS = 20_000
const start = z.object({ url: z.string(), folder: z.string().optional() })

export function downloadsRouter(downloads: Downloads): Router {
  const router = Router()

  router.get(
    '/',
    route(async () => downloads.list()),
  )

  router.post(
    '/',
    jsonBody,
    route(async (request) => {
      const { url, folder } = start.parse(request.body)
      return downloads.start(url, folder)
    }, 202),
  )

  router.delete(
    '/:id',
    route(async (request) => downloads.cancel(request.params.id ?? '')),
  )

  /** Server-sent events: the whole list, at once and whenever it changes. */
  router.get('/events', (_request, response) => {
    response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
    const send = () => response.write(`data: ${JSON.stringify(downloads.list())}\n\n`)
    const unsubscribe = downloads.subscribe(send)
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
    response.on('close', () => {
      clearInterval(heartbeat)
      unsubscribe()
    })
    send()
  })

  return router
}
