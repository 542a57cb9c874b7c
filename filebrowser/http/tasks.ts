import { Router } from 'express'
import { z } from 'zod'
import type { Tasks } from '../tasks/tasks'
import { sendLive } from './live'
import { jsonBody, route } from './route'
import { pathList } from './schemas'

const start = z.object({ kind: z.enum(['copy', 'move']), paths: pathList, folder: z.string() })

export function tasksRouter(tasks: Tasks): Router {
  const router = Router()

  router.get(
    '/',
    route(async () => tasks.list()),
  )

  router.post(
    '/',
    jsonBody,
    route(async (request) => tasks.start(start.parse(request.body)), 202),
  )

  router.get('/events', (_request, response) => {
    sendLive(
      response,
      (listener) => tasks.subscribe(listener),
      () => tasks.list(),
    )
  })

  router.delete(
    '/:id',
    route(async (request) => tasks.cancel(request.params.id ?? '')),
  )

  return router
}
