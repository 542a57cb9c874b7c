import type { RequestHandler, Response } from 'express'
import { Refusal } from '../refusal'
import type { Timers } from '../timers'

const HEARTBEAT_MS = 20_000
/** A reader that takes nothing for so long is gone. */
const UNREAD_MS = 30_000
const STREAMS_MAX = 64

export interface Followed {
  /** What there is to tell now, an event each: at first everything, then what has changed since it was last asked. */
  take(): unknown[]
  /** Ends the subscription. */
  stop(): void
}

/**
 * Server-sent events to everybody who follows something, a bounded number.
 * @param what whose changes they are, for the sentence that refuses one too many
 * @param follow begins a subscription, which calls `onChange` whenever there is something to take
 */
export function liveEvents(
  what: string,
  timers: Timers,
  follow: (onChange: () => void) => Followed,
): RequestHandler {
  let streams = 0
  return (_request, response) => {
    if (streams >= STREAMS_MAX)
      throw new Refusal('busy', `${streams} pages or scripts follow ${what} already. Close some.`)
    streams += 1
    response.on('close', () => {
      streams -= 1
    })
    response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
    send(response, timers, follow)
  }
}

/** Writes only while the reader reads, so that a slow one costs no memory and still ends up with what is true. */
function send(response: Response, timers: Timers, follow: (onChange: () => void) => Followed) {
  let giveUp: (() => void) | undefined
  let stopBeating = () => {}
  let isDue = true

  function write(text: string) {
    if (!response.write(text)) giveUp ??= timers.after(UNREAD_MS, () => response.destroy())
  }

  function flush() {
    if (giveUp || !isDue) return
    isDue = false
    for (const event of followed.take()) write(`data: ${JSON.stringify(event)}\n\n`)
  }

  function beat() {
    stopBeating = timers.after(HEARTBEAT_MS, () => {
      if (!giveUp) write(': still here\n\n')
      beat()
    })
  }

  const followed = follow(() => {
    isDue = true
    flush()
  })
  response.on('drain', () => {
    giveUp?.()
    giveUp = undefined
    flush()
  })
  response.on('close', () => {
    followed.stop()
    stopBeating()
    giveUp?.()
  })
  flush()
  beat()
}
