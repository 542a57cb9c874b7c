import * as z from 'zod'
import { boundedText } from '../bounded-text'
import { oneLine } from './one-line'
import { RequestError } from './request-error'

const ANSWER_LIMIT_MS = 30_000
/** Of thousands of downloads; more is nobody's list. */
const ANSWER_BYTES_MAX = 16 * 1024 ** 2

const line = z.string().transform((text) => oneLine(text))

const refusal = z.object({
  code: z.string(),
  message: line,
  link: z.object({ href: line, label: line }).optional().catch(undefined),
})
export type FileManagerRefusal = z.output<typeof refusal>

const download = z.object({
  id: z.string(),
  state: z.string(),
  received: z.number(),
  size: z.number().nullable(),
  error: refusal.nullable(),
})
/** What matters here of the file manager's `DownloadView`. */
export type ManagedDownload = z.output<typeof download>

const added = z.union([z.object({ downloads: z.array(download) }), z.object({ error: refusal })])

/**
 * The file manager of a machine, by its own HTTP API. It is a program of its owner's, so nothing that it answers is
 * trusted: answers are bounded in size and time, and redirects are not followed.
 * Everything throws RequestError `internal` when it doesn't answer, and the signal's reason when it aborts.
 * @param address its origin
 */
export function fileManager(address: string, signal: AbortSignal) {
  async function ask(path: string, init?: RequestInit): Promise<unknown> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)])
    try {
      const response = await fetch(`${address}/api/${path}`, { ...init, signal: limited, redirect: 'manual' })
      return parse(await boundedText(response, ANSWER_BYTES_MAX))
    } catch (error) {
      signal.throwIfAborted()
      throw silent(error)
    }
  }

  return {
    /** Puts a file into the queue; one that is in it already is that one, and one that failed is tried again. */
    async add(file: { source: string; folder: string; name: string }) {
      const headers = { 'content-type': 'application/json', 'x-requested-with': 'slipway' }
      return read(added, await ask('downloads', { method: 'POST', headers, body: JSON.stringify(file) }))
    },
    list: async (): Promise<ManagedDownload[]> => read(z.array(download), await ask('downloads')),
  }
}

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw silent(parsed.error)
}

const silent = (error: unknown) =>
  new RequestError('internal', String(error), 'The machine’s file manager did not answer as it should.')

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer)
  } catch {
    // What is thrown quotes the answer, which may hold a token.
    throw new Error('The answer is no JSON.')
  }
}
