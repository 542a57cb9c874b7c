import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, uploadFile } from '../api'
import { joinPath } from '../format'

export interface Upload {
  id: number
  file: File
  folder: string
  overwrite: boolean
  /** `exists`: waits for a person to say that it may replace what is there. */
  state: 'waiting' | 'sending' | 'exists' | 'failed'
  sent: number
  message?: string
}

let lastId = 0

/**
 * Sends one file after the other: a browser has few connections to a host, and the live list needs one.
 * @param onDone told of each file that has arrived
 */
export function useUploads(onDone: (upload: Upload) => void) {
  const [uploads, setUploads] = useState<Upload[]>([])
  const active = useRef<{ id: number; controller: AbortController }>()
  const done = useRef(onDone)
  done.current = onDone

  const change = useCallback((id: number, part: Partial<Upload>) => {
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)))
  }, [])
  const drop = useCallback((id: number) => setUploads((all) => all.filter((upload) => upload.id !== id)), [])

  useEffect(() => {
    const next = active.current ? undefined : uploads.find(({ state }) => state === 'waiting')
    if (!next) return
    const controller = new AbortController()
    active.current = { id: next.id, controller }
    change(next.id, { state: 'sending' })
    const target = { file: next.file, path: joinPath(next.folder, next.file.name), overwrite: next.overwrite }
    uploadFile(target, (sent) => change(next.id, { sent }), controller.signal)
      .then(() => {
        active.current = undefined
        drop(next.id)
        done.current(next)
      })
      .catch(({ refusal: { code, message } }: ApiError) => {
        active.current = undefined
        if (code === 'canceled') drop(next.id)
        else change(next.id, { state: code === 'already_exists' ? 'exists' : 'failed', sent: 0, message })
      })
  }, [uploads, change, drop])

  return {
    uploads,
    add: (files: Iterable<File>, folder: string, taken: Set<string>) => {
      const added = [...files].map((file): Upload => {
        lastId += 1
        return {
          id: lastId,
          file,
          folder,
          overwrite: false,
          state: taken.has(file.name) ? 'exists' : 'waiting',
          sent: 0,
        }
      })
      setUploads((all) => [...all, ...added])
    },
    retry: (id: number, overwrite: boolean) =>
      change(id, { state: 'waiting', overwrite, message: undefined }),
    cancel: (id: number) => {
      if (active.current?.id === id) active.current.controller.abort()
      else drop(id)
    },
  }
}
