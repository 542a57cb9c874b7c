import type { Readable } from 'node:stream'
import { Agent, type Dispatcher, type FormData, request } from 'undici'
import { RequestError } from '../requests/request-error'

/** A queue or a history holds whole workflows; everything else is small. */
export const LONG_ANSWER_BYTES = 32 * 1024 ** 2
const ANSWER_BYTES = 8 * 1024 ** 2

interface Call {
  /** From the address on. */
  path: string
  body?: { json: unknown } | FormData
  bytesMax?: number
  signal: AbortSignal
}

export interface Answer {
  status: number
  /** What it says; undefined when that is no JSON. */
  json: unknown
}

/** The way to one ComfyUI; a redirect is an answer, and never followed. */
export interface Http {
  /** Posts if there is a body. @throws RequestError `comfyui_unreachable` unless a whole answer comes */
  ask(call: Call): Promise<Answer>
  /** As `ask`, on a connection of its own: one that was kept may be closing just now. */
  askOnce(call: Call): Promise<Answer>
  /** @throws RequestError `comfyui_unreachable` unless the answer begins well; `no_output` when it is a refusal */
  open(call: Call): Promise<{ length: number | undefined; body: Readable }>
}

/** @param callMs how long an answer may take, and a file that is on its way may stand still */
export function openHttp(address: string, callMs: number): Http {
  async function send({ path, body, signal }: Call, dispatcher?: Dispatcher) {
    const isForm = !body || !('json' in body)
    const answer = await request(address + path, {
      method: body ? 'POST' : 'GET',
      headers: isForm ? {} : { 'content-type': 'application/json' },
      body: isForm ? (body ?? null) : JSON.stringify(body.json),
      signal,
      dispatcher,
      headersTimeout: callMs,
      bodyTimeout: callMs,
    })
    // What the body says when nobody reads it any more is said already.
    answer.body.on('error', () => undefined)
    return answer
  }

  async function ask(call: Call, dispatcher?: Dispatcher): Promise<Answer> {
    const { path, signal, bytesMax = ANSWER_BYTES } = call
    try {
      const timed = AbortSignal.any([signal, AbortSignal.timeout(callMs)])
      const { statusCode, body } = await send({ ...call, signal: timed }, dispatcher)
      return { status: statusCode, json: parse(await text(body, bytesMax)) }
    } catch (error) {
      throw explain(error, path, signal)
    }
  }

  return {
    ask: (call) => ask(call),
    async askOnce(call) {
      const agent = new Agent()
      try {
        return await ask(call, agent)
      } finally {
        await agent.destroy()
      }
    },
    async open(call) {
      try {
        const { statusCode, headers, body } = await send(call)
        if (statusCode !== 200) {
          body.destroy()
          if (isRefusal(statusCode)) throw new RequestError('no_output', `ComfyUI answered ${statusCode}.`)
          throw unreachable(`${call.path} answered ${statusCode}.`)
        }
        const length = Number(headers['content-length'] ?? Number.NaN)
        return { length: Number.isSafeInteger(length) ? length : undefined, body }
      } catch (error) {
        throw explain(error, call.path, call.signal)
      }
    },
  }
}

/** Asked again it would answer the same. */
export const isRefusal = (status: number) => status >= 400 && status < 500

export const unreachable = (detail: string) => new RequestError('comfyui_unreachable', detail)

/** What to throw for what went wrong on the way. */
export function explain(error: unknown, path: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof RequestError) return error
  return unreachable(`${path}: ${error instanceof Error ? error.message : String(error)}`)
}

async function text(body: Readable, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`The answer is longer than ${bytesMax} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
