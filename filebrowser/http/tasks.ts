import { Router } from 'express'
import * as z from 'zod'
import type { Tasks } from '../tasks/tasks'
import type { Timers } from '../timers'
import { liveEvents } from './live'
import { jsonBody, route } from './route'
import { pathList } from './schemas'

const start = z.object({ kind: z.enum(['copy', 'move']), paths: pathList, folder: z.string() })

export function tasksRouter(tasks: Tasks, timers: Timers): Router {
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

  router.get(
    '/events',
    liveEvents('the copies and moves', timers, (onChange) => ({
      take: () => [tasks.list()],
      stop: tasks.subscribe(onChange),
    })),
  )

  router.delete(
    '/:id',
    route(async (request) => tasks.cancel(request.params.id ?? '')),
  )

  return router
}
