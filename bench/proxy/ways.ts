import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { timed } from '../support'

const AT_ONCE = 4

/** Straight to a service, or through the machine proxy: the same address, with what says who asks. */
export interface Way {
  origin: string
  headers: Record<string, string>
}

/** @returns requests a second */
export async function requests({ origin, headers }: Way, roundMs: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const until = performance.now() + roundMs
  let answered = 0
  const one = async () => {
    while (performance.now() < until) {
      await read(`${origin}/small`, headers, agent)
      answered++
    }
  }
  const ms = await timed(() => Promise.all(Array.from({ length: AT_ONCE }, one)))
  agent.destroy()
  return answered / (ms / 1000)
}

/** @returns megabytes a second */
export async function megabytes({ origin, headers }: Way, bytes: number): Promise<number> {
  const ms = await timed(async () => {
    const got = await read(`${origin}/large`, headers)
    if (got !== bytes) throw new Error(`${got} of ${bytes} bytes came.`)
  })
  return bytes / 1e6 / (ms / 1000)
}

/** @returns milliseconds of each time that something was said and heard again */
export async function roundTrips({ origin, headers }: Way, count: number): Promise<number[]> {
  const socket = new WebSocket(origin.replace('http', 'ws'), { headers })
  await once(socket, 'open')
  const took: number[] = []
  for (let n = 0; n < count; n++)
    took.push(
      await timed(() => {
        const heard = once(socket, 'message')
        socket.send('{"type":"progress"}')
        return heard
      }),
    )
  socket.terminate()
  return took
}

export const open = (url: string, headers: Record<string, string>, agent?: Agent) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent }, resolve).on('error', reject)
  })

async function read(url: string, headers: Record<string, string>, agent?: Agent): Promise<number> {
  const answer = await open(url, headers, agent)
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`)
  let bytes = 0
  for await (const piece of answer) bytes += (piece as Buffer).length
  return bytes
}
