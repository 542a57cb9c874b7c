import type { RequestHandler, Response } from 'express'
import type { DownloadEvent } from '../contract'
import type { Downloads } from '../downloads/downloads'
import { Refusal } from '../refusal'
import type { Timers } from '../timers'

const HEARTBEAT_MS = 20_000
/** A reader that takes nothing for so long is gone. */
const UNREAD_MS = 30_000
const STREAMS_MAX = 64

/** Server-sent events: the whole list first, then what changes. */
export function downloadEvents(downloads: Downloads, timers: Timers): RequestHandler {
  let streams = 0
  return (_request, response) => {
    if (streams >= STREAMS_MAX)
      throw new Refusal('busy', `${streams} pages or scripts follow the downloads already. Close some.`)
    streams += 1
    response.on('close', () => {
      streams -= 1
    })
    response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
    follow(downloads, timers, response)
  }
}

/**
 * Writes only while the reader reads: what changes meanwhile is remembered by its id alone, so that a slow reader
 * costs no memory and still ends up with what is true.
 */
function follow(downloads: Downloads, timers: Timers, response: Response) {
  const changed = new Set<string>()
  const removed = new Set<string>()
  let giveUp: (() => void) | undefined
  let stopBeating = () => {}

  function write(text: string) {
    if (!response.write(text)) giveUp ??= timers.after(UNREAD_MS, () => response.destroy())
  }
  const send = (event: DownloadEvent) => write(`data: ${JSON.stringify(event)}\n\n`)

  function flush() {
    if (giveUp) return
    if (removed.size > 0) send({ type: 'removed', ids: [...removed] })
    removed.clear()
    const views = downloads.views(changed)
    changed.clear()
    if (views.length > 0) send({ type: 'changed', downloads: views })
  }

  function beat() {
    stopBeating = timers.after(HEARTBEAT_MS, () => {
      if (!giveUp) write(': still here\n\n')
      beat()
    })
  }

  const unsubscribe = downloads.subscribe((changes) => {
    for (const id of changes.changed) changed.add(id)
    for (const id of changes.removed) {
      changed.delete(id)
      removed.add(id)
    }
    flush()
  })
  response.on('drain', () => {
    giveUp?.()
    giveUp = undefined
    flush()
  })
  response.on('close', () => {
    unsubscribe()
    stopBeating()
    giveUp?.()
  })
  send({ type: 'all', downloads: downloads.list() })
  beat()
}
