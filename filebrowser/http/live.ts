import type { Response } from 'express'

const HEARTBEAT_MS = 20_000

/** Server-sent events: what `look` tells, at once and whenever it changes, until the client goes away. */
export function sendLive(
  response: Response,
  subscribe: (listener: () => void) => () => void,
  look: () => unknown,
): void {
  response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
  const send = () => response.write(`data: ${JSON.stringify(look())}\n\n`)
  const unsubscribe = subscribe(send)
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)
  response.on('close', () => {
    clearInterval(heartbeat)
    unsubscribe()
  })
  send()
}
