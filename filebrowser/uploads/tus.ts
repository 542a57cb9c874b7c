import { once } from 'node:events'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DataStore, ERRORS, Server, Upload } from '@tus/server'
import type { RefusalView } from '../contract'
import { Refusal, statusOf, toRefusal } from '../refusal'
import type { Uploads } from './uploads'

export type HandleUpload = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * The tus protocol over `uploads`. The protocol's own store of files keeps them in one folder; ours lie on the file
 * system that they go to.
 * @param path where it is mounted; what it answers names no host, since clients see another one
 */
export function tusHandler(uploads: Uploads, path: string, onFault: (error: unknown) => void): HandleUpload {
  const server = new Server({
    path,
    datastore: new UploadStore(uploads),
    relativeLocation: true,
    allowedOrigins: [],
    disableTerminationForFinishedUploads: true,
    async onUploadFinish(_request, { id }) {
      await uploads.finish(id)
      return {}
    },
    onResponseError(_request, error) {
      // What the protocol itself refuses has its own status, which clients go by.
      if ('status_code' in error) return undefined
      const known = toRefusal(error)
      if (!known) onFault(error)
      const refusal = known ?? new Refusal('internal', 'Something unforeseen went wrong.')
      const { code, message, link } = refusal
      const body = JSON.stringify({ error: { code, message, link } satisfies RefusalView })
      return { status_code: statusOf(refusal), body }
    },
  })
  return (request, response) => server.handle(request, response)
}

class UploadStore extends DataStore {
  override extensions = ['creation', 'creation-with-upload', 'termination']

  constructor(private readonly uploads: Uploads) {
    super()
  }

  override async create(upload: Upload): Promise<Upload> {
    await this.uploads.create(upload.id, upload.size ?? 0, upload.metadata ?? {})
    return upload
  }

  override async getUpload(id: string): Promise<Upload> {
    // After a kill between the last byte and its place, whoever asks finds it done.
    await this.uploads.finish(id)
    const found = await this.uploads.find(id)
    if (!found) throw ERRORS.FILE_NOT_FOUND
    const { record, offset } = found
    return new Upload({ id, size: record.size, offset, metadata: record.metadata })
  }

  override write(body: Readable, id: string, offset: number): Promise<number> {
    return this.uploads.receive(id, async (path) => {
      const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW)
      const stream = file.createWriteStream({ start: offset })
      const closed = once(stream, 'close')
      try {
        await pipeline(body, stream)
        return offset + stream.bytesWritten
      } finally {
        // What is under way has been written then, and the next request sees how far it came.
        await closed
      }
    })
  }

  override remove(id: string): Promise<void> {
    return this.uploads.remove(id)
  }
}
