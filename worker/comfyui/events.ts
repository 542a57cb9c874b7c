import { WebSocket } from 'ws'
import * as z from 'zod'

const HANDSHAKE_MS = 5000
const PING_EVERY_MS = 15_000
/** Previews of large pictures come this way too. */
const FRAME_BYTES = 16 * 1024 ** 2

const event = z.object({ type: z.string(), data: z.looseObject({ prompt_id: z.string().optional() }) })
export type ComfyEvent = z.output<typeof event>

interface Listener {
  isOver(): boolean
  close(): void
}

/**
 * Hears what ComfyUI tells of the prompts of a client. It may end at any time, or never begin: whoever listens looks
 * by himself as well.
 */
export function listen(
  address: string,
  clientId: string,
  { onOpen, onEvent }: { onOpen(): void; onEvent(event: ComfyEvent): void },
): Listener {
  const url = `${address.replace(/^http/, 'ws')}/ws?clientId=${encodeURIComponent(clientId)}`
  const socket = new WebSocket(url, {
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: FRAME_BYTES,
    perMessageDeflate: false,
  })
  let isHeard = true
  const ping = setInterval(() => {
    if (!isHeard) return socket.terminate()
    isHeard = false
    if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, PING_EVERY_MS)
  socket.on('open', onOpen)
  socket.on('pong', () => {
    isHeard = true
  })
  socket.on('message', (frame, isBinary) => {
    isHeard = true
    if (isBinary) return
    const read = event.safeParse(parse(frame.toString()))
    if (read.success) onEvent(read.data)
  })
  // An end follows every error.
  socket.on('error', () => undefined)
  socket.on('close', () => clearInterval(ping))
  return {
    isOver: () => socket.readyState === WebSocket.CLOSING || socket.readyState === WebSocket.CLOSED,
    close: () => socket.terminate(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
