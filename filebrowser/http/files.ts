import { dirname } from 'node:path'
import { Router } from 'express'
import * as z from 'zod'
import type { Trash } from '../trash/trash'
import { createFolder, moveEntry, refuseWhileWriting } from '../workspace/entries'
import { listFolder } from '../workspace/list-folder'
import { holdingRoom } from '../workspace/room'
import { searchNames } from '../workspace/search'
import { locate, type Workspace } from '../workspace/workspace'
import { writeWhole } from '../workspace/write-whole'
import { jsonBody, query, route } from './route'
import { atPath } from './schemas'
import { sendFile } from './send-file'

const whole = z.coerce.number().int().min(0)
const list = atPath.extend({
  sort: z.enum(['name', 'size', 'modified']).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
  offset: whole.default(0),
  limit: whole.max(5000).default(1000),
})
const find = atPath.extend({ query: z.string().max(200), limit: whole.max(1000).default(200) })
const move = z.object({ from: z.string(), to: z.string() })
const upload = atPath.extend({ overwrite: z.enum(['0', '1']).default('0') })

export function filesRouter(workspace: Workspace, trash: Trash): Router {
  const router = Router()
  const makeRoom = trash.batches.makeRoom.bind(trash.batches)

  router.get(
    '/files',
    route(async (request) => {
      const { path, order, ...options } = query(request, list)
      return listFolder(workspace, path, { ...options, descending: order === 'desc' })
    }),
  )

  router.delete(
    '/files',
    route(async (request) => {
      await trash.put([query(request, atPath).path])
    }),
  )

  router.post(
    '/folders',
    jsonBody,
    route(async (request) => createFolder(workspace, atPath.parse(request.body).path)),
  )

  router.post(
    '/move',
    jsonBody,
    route(async (request) => {
      const { from, to } = move.parse(request.body)
      await moveEntry({ workspace, makeRoom }, from, to)
    }),
  )

  router.get('/search', (request, response, next) => {
    const left = new AbortController()
    response.on('close', () => left.abort())
    const { path, ...asked } = query(request, find)
    searchNames(workspace, path, { ...asked, signal: left.signal }).then(
      (found) => response.json(found),
      (error) => (left.signal.aborted ? undefined : next(error)),
    )
  })

  router.get('/file', sendFile(workspace))

  router.put(
    '/file',
    route(async (request) => {
      const { path: to, overwrite } = query(request, upload)
      const target = await locate(workspace, to)
      refuseWhileWriting(workspace, target)
      const size = Number(request.headers['content-length'] ?? 0)
      await holdingRoom(size, dirname(target), { workspace, makeRoom }, (onWritten) =>
        writeWhole(workspace, target, request, {
          overwrite: overwrite === '1',
          inspect: (chunks) => counted(chunks, onWritten),
        }),
      )
    }),
  )

  return router
}

async function* counted(chunks: AsyncIterable<Buffer>, onCount: (bytes: number) => void) {
  let bytes = 0
  for await (const chunk of chunks) {
    yield chunk
    bytes += chunk.length
    onCount(bytes)
  }
}
