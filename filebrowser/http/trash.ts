import { Router } from 'express'
import * as z from 'zod'
import type { Trash } from '../trash/trash'
import { jsonBody, route } from './route'
import { pathList } from './schemas'

const put = z.object({ paths: pathList })

export function trashRouter(trash: Trash): Router {
  const router = Router()

  router.get(
    '/',
    route(async () => trash.list()),
  )

  router.post(
    '/',
    jsonBody,
    route(async (request) => trash.put(put.parse(request.body).paths)),
  )

  router.post(
    '/:id/restore',
    route(async (request) => trash.restore(request.params.id ?? '')),
  )

  router.delete(
    '/:id',
    route(async (request) => trash.purge(request.params.id ?? '')),
  )

  router.delete(
    '/',
    route(async () => trash.purgeAll()),
  )

  return router
}
