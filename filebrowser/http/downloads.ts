import express, { Router } from 'express'
import * as z from 'zod'
import type { Downloads } from '../downloads/downloads'
import { downloadState } from '../downloads/record'
import { Refusal } from '../refusal'
import type { Timers } from '../timers'
import { downloadEvents } from './download-events'
import { query, route } from './route'

/** Thousands of files at once have longer bodies than anything else. */
const longBody = express.json({ limit: '8mb' })

const file = z.object({ source: z.string(), folder: z.string().optional(), name: z.string().optional() })
const files = z.object({ files: z.array(file).min(1).max(10_000) })
const actions = z.object({
  action: z.enum(['pause', 'resume', 'cancel', 'retry', 'remove']),
  ids: z.union([z.literal('all'), z.array(z.string()).min(1).max(20_000)]),
})
const which = z.object({
  /** Several with commas between them. */
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(downloadState))
    .optional(),
  /** Leaves out what ended before it. */
  finishedSince: z.iso.datetime('is no time such as 2026-11-22T12:00:00.000Z').optional(),
  limit: z.coerce.number().int().min(1).optional(),
})

export function downloadsRouter(downloads: Downloads, timers: Timers): Router {
  const router = Router()

  router.get(
    '/',
    route(async (request) => {
      const { state, finishedSince, limit } = query(request, which)
      const found = downloads
        .list()
        .filter((each) => !state || state.includes(each.state))
        .filter(({ finishedAt }) => !finishedSince || (finishedAt !== null && finishedAt >= finishedSince))
      return found.slice(0, limit)
    }),
  )

  router.post(
    '/',
    longBody,
    route(async (request) => {
      if ('files' in request.body) return downloads.add(files.parse(request.body).files)
      const added = await downloads.add([file.parse(request.body)])
      const [refused] = added.refused
      // Of a single one the answer as a whole says no.
      if (refused && added.downloads.length === 0) {
        const { code, message, link } = refused.error
        throw new Refusal(code, message, link)
      }
      return added
    }, 202),
  )

  router.post(
    '/actions',
    longBody,
    route(async (request) => {
      const { action, ids } = actions.parse(request.body)
      return downloads.act(action, ids)
    }),
  )

  router.delete(
    '/:id',
    route(async (request) => downloads.drop(request.params.id ?? '')),
  )

  router.get('/events', downloadEvents(downloads, timers))

  return router
}
