import { basename } from 'node:path'
import { Router } from 'express'
import { z } from 'zod'
import { createFolder, deleteEntry, listFolder, moveEntry, resolveFile } from '../workspace/entries'
import { locate, type Workspace } from '../workspace/workspace'
import { type FreeBytes, requireRoom, writeWhole } from '../workspace/write-whole'
import { jsonBody, query, route } from './route'

const path = z.object({ path: z.string() })
const move = z.object({ from: z.string(), to: z.string() })
const upload = path.extend({ overwrite: z.enum(['0', '1']).default('0') })

export function filesRouter(workspace: Workspace, freeBytes: FreeBytes): Router {
  const router = Router()

  router.get(
    '/files',
    route(async (request) => listFolder(workspace, query(request, path).path)),
  )

  router.delete(
    '/files',
    route(async (request) => deleteEntry(workspace, query(request, path).path)),
  )

  router.post(
    '/folders',
    jsonBody,
    route(async (request) => createFolder(workspace, path.parse(request.body).path)),
  )

  router.post(
    '/move',
    jsonBody,
    route(async (request) => {
      const { from, to } = move.parse(request.body)
      await moveEntry(workspace, from, to)
    }),
  )

  router.get('/file', (request, response, next) => {
    resolveFile(workspace, query(request, path).path).then((file) => {
      // Somebody's file must never run as a page of ours.
      response.set({ 'Content-Type': 'application/octet-stream', 'Content-Security-Policy': 'sandbox' })
      response.download(
        file,
        basename(query(request, path).path),
        { dotfiles: 'allow', cacheControl: false },
        (error) => {
          if (error && !response.headersSent) next(error)
        },
      )
    }, next)
  })

  router.put(
    '/file',
    route(async (request) => {
      const { path: to, overwrite } = query(request, upload)
      const target = await locate(workspace, to)
      requireRoom(Number(request.headers['content-length'] ?? 0), await freeBytes(target))
      await writeWhole(workspace, target, request, { overwrite: overwrite === '1' })
    }),
  )

  return router
}
