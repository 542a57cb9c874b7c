import type { lookup } from 'node:dns'
import { formatBytes } from '../../format-bytes'
import { type Answer, createNetwork, type Network } from '../../providers/network/network'
import { Refusal } from '../../providers/refusal'
import { INLINE_FILE_MAX } from '../../workflows/input-values'
import { RequestError } from './request-error'

export interface InputDeps {
  /** See `inputNetwork`. */
  network: Network
  /** Brings one file after the other, or as many at once as there is memory for. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  limits?: InputLimits
}

interface InputLimits {
  /** Of one file. */
  bytesMax: number
  /** For one file, from the question to its last byte. */
  timeMs: number
}

const LIMITS: InputLimits = { bytesMax: 64 * 1024 ** 2, timeMs: 120_000 }

/**
 * The way to what callers give as inputs: every host of the public internet by https, and, as for downloads, those
 * that the operator vouches for. No private address otherwise, by whichever name or redirect.
 */
export const inputNetwork = (downloadHosts: readonly string[], lookUp?: typeof lookup): Network =>
  createNetwork({
    trustedHosts: [...downloadHosts],
    userAgent: 'slipway/0.1',
    here: 'This server',
    anyPublicHost: true,
    ...(lookUp && { lookUp }),
  })

/**
 * The content of a file that was given as an input.
 * @param given a data: URL or an address
 * @throws RequestError `input_unusable`, or the signal's reason
 */
export const readInput = async (
  deps: InputDeps,
  name: string,
  given: string,
  signal: AbortSignal,
): Promise<Buffer<ArrayBuffer>> =>
  given.startsWith('data:') ? decode(name, given) : fetchInput(deps, name, given, signal)

/** @param why a sentence that goes on from the input's name */
export const inputUnusable = (name: string, why: string) =>
  new RequestError('input_unusable', `${name}: ${why}`, `The input “${name}” could not be used: ${why}`)

function decode(name: string, url: string): Buffer<ArrayBuffer> {
  const content = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
  if (content.length > INLINE_FILE_MAX) throw tooLarge(name, INLINE_FILE_MAX)
  return content
}

async function fetchInput(
  { network, limits = LIMITS }: InputDeps,
  name: string,
  url: string,
  signal: AbortSignal,
): Promise<Buffer<ArrayBuffer>> {
  const late = AbortSignal.timeout(limits.timeMs)
  const call = { method: 'GET', url, provider: null, token: undefined, follow: 'all' } as const
  try {
    const answer = await network.open({ ...call, signal: AbortSignal.any([signal, late]) })
    try {
      if (answer.status === 200) return await readBody(name, answer, network, limits.bytesMax)
      throw inputUnusable(name, `${answer.url.host} answered ${answer.status}, not with a file.`)
    } finally {
      answer.body.destroy()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (late.aborted)
      throw inputUnusable(name, `it took longer than ${limits.timeMs / 1000} seconds to come.`)
    throw error instanceof Refusal ? inputUnusable(name, error.message) : error
  }
}

/** @throws RequestError, or Refusal when it breaks off */
async function readBody(
  name: string,
  answer: Answer,
  network: Network,
  bytesMax: number,
): Promise<Buffer<ArrayBuffer>> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes > bytesMax) break
      pieces.push(piece)
    }
  } catch (error) {
    throw network.explain(error, answer)
  }
  if (bytes > bytesMax) throw tooLarge(name, bytesMax)
  return Buffer.concat(pieces)
}

const tooLarge = (name: string, bytes: number) =>
  inputUnusable(name, `it has more than ${formatBytes(bytes)}. Give a smaller file.`)
