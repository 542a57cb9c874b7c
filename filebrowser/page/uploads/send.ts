import { type DetailedError, Upload } from 'tus-js-client'
import { type ApiError, asError } from '../api'

export interface Parcel {
  file: File
  /** Folder of the workspace; made where it is missing. */
  folder: string
  name: string
  overwrite: boolean
}

interface Handlers {
  onSent: (bytes: number) => void
  onDone: () => void
  /** Refused by the machine; trying again as it is won't help. */
  onRefused: (refusal: ApiError['refusal']) => void
  /** Nothing comes through for now; `start` goes on from what has arrived. @param why unless the connection is */
  onLost: (why?: string) => void
}

export interface Sending {
  /** Begins, or goes on from what has arrived, also before the page was loaded or the machine restarted. */
  start(): Promise<void>
  pause(): Promise<void>
  /** What has arrived is thrown away. */
  cancel(): Promise<void>
}

/** Sends a file in a way that can be taken up again, by the tus protocol. */
export function sending(parcel: Parcel, handlers: Handlers): Sending {
  let upload: Promise<Upload> | undefined
  /** What was asked for last: preparing takes a moment, in which somebody may think again. */
  let isWanted = false
  return {
    async start() {
      isWanted = true
      upload ??= prepare(parcel, handlers)
      const ready = await upload.catch(() => undefined)
      if (!ready) {
        // The next start prepares it anew.
        upload = undefined
        return handlers.onLost()
      }
      if (isWanted) ready.start()
    },
    async pause() {
      isWanted = false
      await (await upload)?.abort()
    },
    async cancel() {
      isWanted = false
      await (await upload)?.abort(true)
    },
  }
}

async function prepare({ file, folder, name, overwrite }: Parcel, handlers: Handlers): Promise<Upload> {
  const upload = new Upload(file, {
    endpoint: new URL('api/uploads', document.baseURI).href,
    metadata: { folder, name, overwrite: overwrite ? '1' : '0' },
    // Where it goes is part of it: the same file may be sent to two folders.
    fingerprint: async () =>
      ['slipway', new URL('.', document.baseURI).href, folder, name, file.size, file.lastModified].join('|'),
    removeFingerprintOnSuccess: true,
    // The queue decides when to try again.
    retryDelays: null,
    onProgress: handlers.onSent,
    onSuccess: handlers.onDone,
    onError: (error) => {
      const refusal = readRefusal(error as DetailedError)
      if (!refusal) handlers.onLost()
      else if (refusal.code === 'busy') handlers.onLost(refusal.message)
      else handlers.onRefused(refusal)
    },
  })
  const [newest] = (await upload.findPreviousUploads()).sort((a, b) =>
    b.creationTime.localeCompare(a.creationTime),
  )
  if (newest) upload.resumeFromPreviousUpload(newest)
  return upload
}

/** A lock that the broken connection still holds, bytes of it that came after we asked, a machine that just starts. */
const PASSING = [0, 408, 409, 423, 425, 429, 500, 502, 503, 504]

/** @returns undefined for what passes by itself */
function readRefusal({ originalResponse }: DetailedError) {
  const { refusal } = asError(originalResponse?.getBody() ?? '')
  const isOurs = refusal.code !== 'lost' && refusal.code !== 'internal'
  return isOurs || !PASSING.includes(originalResponse?.getStatus() ?? 0) ? refusal : undefined
}
