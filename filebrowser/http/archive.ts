import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { RequestHandler } from 'express'
import { members } from '../archive/members'
import { Refusal } from '../refusal'
import { resolveExisting, type Workspace } from '../workspace/workspace'

/** `?path=a&path=b`: a zip of them. */
export function archiveRoute(workspace: Workspace): RequestHandler {
  return (request, response, next) => {
    // Express's own reader takes at most 20 values of one name.
    const paths = new URL(request.originalUrl, 'http://here').searchParams.getAll('path')
    const left = new AbortController()
    response.on('close', () => left.abort())
    send().catch((error) => {
      if (left.signal.aborted) return
      // The head is gone already: a connection that breaks off is all that can still tell.
      if (response.headersSent) response.destroy()
      else next(error)
    })

    async function send() {
      if (paths.length === 0) throw new Refusal('bad_request', 'Name at least one path: ?path=…&path=…')
      const found: { path: string; real: string }[] = []
      for (const path of new Set(paths)) found.push({ path, real: await resolveExisting(workspace, path) })
      const { zipStream } = await import('../archive/zip')
      const zip = zipStream(members(workspace, found, left.signal), left.signal)
      response.attachment(archiveName(paths)).type('application/zip')
      await pipeline(zip, response)
    }
  }
}

/** After the folder that was asked for, or the one that everything asked for is in. */
function archiveName(paths: string[]): string {
  const [first = ''] = paths
  const folder = paths.length === 1 ? first : dirname(first)
  return `${basename(folder).replace(/^\.*$/, '') || 'workspace'}.zip`
}
