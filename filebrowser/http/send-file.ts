import { basename } from 'node:path'
import type { RequestHandler } from 'express'
import * as z from 'zod'
import { Refusal } from '../refusal'
import { resolveFile } from '../workspace/entries'
import { mediaType } from '../workspace/media-types'
import type { Workspace } from '../workspace/workspace'
import { query } from './route'
import { atPath } from './schemas'

const ask = atPath.extend({ inline: z.enum(['0', '1']).default('0') })

/** The content of a file, or the range that was asked for. Somebody's file must never run as a page of ours. */
export function sendFile(workspace: Workspace): RequestHandler {
  return (request, response, next) => {
    const { path, inline } = query(request, ask)
    const name = basename(path)
    const shown = inline === '1' ? mediaType(name) : undefined
    const done = (error?: Error & { status?: number }) => {
      if (!error || response.headersSent) return
      response.removeHeader('Content-Disposition')
      next(error.status === 416 ? new Refusal('bad_range', 'The file ends before that range begins.') : error)
    }
    resolveFile(workspace, path).then((file) => {
      response.set({
        'Content-Type': shown ?? 'application/octet-stream',
        'Content-Security-Policy': "sandbox; default-src 'none'",
      })
      const options = { dotfiles: 'allow', cacheControl: false } as const
      if (shown) response.sendFile(file, options, done)
      else response.download(file, name, options, done)
    }, next)
  }
}
