import { lstat, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { Request, RequestHandler, Response } from 'express'
import { resultFile } from '../../result-files'
import type { Context } from '../trpc/context'
import { createCaller } from '../trpc/router'

/** What a browser may show; of anything else it gets a file to keep. SVG and HTML run scripts. */
const SHOWN: ReadonlySet<string> = new Set([
  ...['png', 'jpeg', 'webp', 'gif', 'avif', 'bmp'].map((type) => `image/${type}`),
  ...['mp4', 'webm', 'quicktime', 'x-matroska', 'ogg'].map((type) => `video/${type}`),
  ...['mpeg', 'wav', 'x-wav', 'flac', 'x-flac', 'ogg', 'opus', 'mp4', 'aac', 'webm'].map(
    (type) => `audio/${type}`,
  ),
])

const PATH = /^\/v1\/requests\/([\w-]{1,128})\/files\/(0|[1-9]\d{0,4})\/([^/]+)$/

interface Found {
  path: string
  name: string
  mediaType: string
  etag: string
}

/** Files that came out of requests, to who made the request alone. Expects the context in `res.locals`. */
export const resultFiles: RequestHandler = async (req, res, next) => {
  const [, id, position, name] = PATH.exec(req.path) ?? []
  if (id === undefined) return next()
  if (!['GET', 'HEAD'].includes(req.method))
    return void res.set('Allow', 'GET').status(405).json({ error: 'Ask with GET.' })
  try {
    const found = await find(res.locals.context, { id, position: Number(position), name: decoded(name) })
    if ('status' in found) res.status(found.status).json({ error: found.error })
    else send(req, res, found, next)
  } catch (error) {
    if (!(error instanceof TRPCError)) return next(error)
    if (error.code === 'UNAUTHORIZED') res.setHeader('WWW-Authenticate', 'Bearer realm="slipway"')
    res.status(getHTTPStatusCodeFromError(error)).json({ error: error.message })
  }
}

async function find(
  context: Context,
  { id, position, name }: { id: string; position: number; name: string | undefined },
): Promise<Found | { status: 404 | 410; error: string }> {
  const { files, expiredAt } = await createCaller(context).modelRequests.get({ id })
  if (expiredAt !== null)
    return { status: 410, error: 'The files of this request were removed: they are kept for a while only.' }
  const file = files.find((one) => one.position === position && one.name === name)
  const userId = callerId(context)
  if (!file || !userId) return NO_FILE
  const path = resultFile(context.dataDir, { userId, requestId: id, position })
  if (!(await isPlainFile(path, context.dataDir))) return NO_FILE
  return { path, name: file.name, mediaType: file.mediaType, etag: `"${id}-${position}"` }
}

const NO_FILE = { status: 404, error: 'There is no such file.' } as const

const callerId = ({ session, apiToken }: Context) =>
  apiToken && 'grant' in apiToken ? apiToken.grant.user.id : session?.user.id

/** Whether it is there, with no link in its way. */
async function isPlainFile(path: string, dataDir: string): Promise<boolean> {
  try {
    const real = join(await realpath(dataDir), path.slice(dataDir.length))
    return (await lstat(path)).isFile() && (await realpath(path)) === real
  } catch {
    return false
  }
}

function send(
  req: Request,
  res: Response,
  { path, name, mediaType, etag }: Found,
  next: (e: unknown) => void,
) {
  const isShown = SHOWN.has(mediaType)
  // Express knows how to write any name into it, and takes every file for an attachment.
  res.attachment(name)
  if (isShown && req.query.download === undefined)
    res.setHeader(
      'Content-Disposition',
      String(res.getHeader('Content-Disposition')).replace(/^\w+/, 'inline'),
    )
  res.setHeader('Content-Type', isShown ? mediaType : 'application/octet-stream')
  res.setHeader('Content-Security-Policy', "sandbox; default-src 'none'")
  // Kept, and asked about again each time: whoever has signed out sees it no more.
  res.setHeader('Cache-Control', 'private, no-cache')
  res.setHeader('ETag', etag)
  res.sendFile(path, { cacheControl: false, dotfiles: 'allow' }, (error?: Error) => {
    if (!error || res.headersSent || res.destroyed) return
    for (const header of ['Content-Type', 'Content-Disposition', 'ETag']) res.removeHeader(header)
    const { status = 500, headers } = error as Fault
    const said = SAID.get(status)
    if (said === undefined) return next(error)
    res
      .set(headers ?? {})
      .status(status)
      .json({ error: said })
  })
}

/** As Express says why it doesn't send a file. */
interface Fault {
  status?: number
  headers?: Record<string, string>
}

const SAID: ReadonlyMap<number, string> = new Map([
  [404, NO_FILE.error],
  [412, 'The file is not the one that was asked for.'],
  [416, 'The file has no such range.'],
])

function decoded(text = ''): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
