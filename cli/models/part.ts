import type { Cli } from '../cli'
import { CliError, EXIT } from '../exits'
import { readAnswer } from '../http/answer'
import { bodyOf } from '../http/ask'
import type { ReplyHeaders } from '../http/reply'

const SILENCE_MAX_MS = 60_000

/** What a server sends of a file. */
interface Part {
  /** The place of its first byte. */
  from: number
  /** The length of the whole file; undefined when the server doesn't say. */
  total: number | undefined
  /** What the file is known by when it is gone on with; undefined when it can't be. */
  tag: string | undefined
  bytes: AsyncIterable<Uint8Array>
}

/**
 * Asks for a file from a place on, of the same content as before; the server may begin anew.
 * @param tag see Part
 * @throws CliError when it is refused, or larger than that
 */
export async function openPart(
  cli: Cli,
  url: URL,
  { from, tag, bytesMax }: { from: number; tag: string | undefined; bytesMax: number },
): Promise<Part> {
  const login = cli.login()
  const connection = new AbortController()
  const late = new DOMException('Nothing came.', 'TimeoutError')
  const timer = setTimeout(() => connection.abort(late), SILENCE_MAX_MS)
  const onward = from > 0 && tag !== undefined && { range: `bytes=${from}-`, 'if-range': tag }
  try {
    const answer = await cli.fetch(url, {
      headers: {
        accept: 'application/octet-stream',
        'accept-encoding': 'identity',
        authorization: `Bearer ${login.token}`,
        ...onward,
      },
      signal: connection.signal,
    })
    if (!answer.ok) {
      bodyOf(await readAnswer(answer), login)
      throw new CliError(EXIT.upstream, `${url.origin} answered with status ${answer.status}.`)
    }
    const { headers } = answer
    const place = answer.status === 206 ? rangeOf(headers, from, url) : { from: 0, total: lengthOf(headers) }
    if ((place.total ?? 0) > bytesMax) throw tooLarge(bytesMax)
    return {
      ...place,
      tag: headers.get('etag') ?? undefined,
      bytes: watched(answer.body, timer),
    }
  } catch (error) {
    clearTimeout(timer)
    connection.abort()
    throw error
  }
}

export const tooLarge = (bytesMax: number) =>
  new CliError(EXIT.failed, `A file is larger than ${bytesMax / 1024 ** 3} GiB, and stays at the server.`)

function rangeOf(headers: ReplyHeaders, from: number, { origin }: URL): Pick<Part, 'from' | 'total'> {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  if (Number(first) !== from)
    throw new CliError(EXIT.failed, `${origin} sent another part of a file than was asked for.`)
  return { from, total: Number(total) }
}

/** Of what is encoded on the way, the length is another one. */
function lengthOf(headers: ReplyHeaders): number | undefined {
  const given = headers.get('content-length')
  return given && !headers.get('content-encoding') ? Number(given) : undefined
}

async function* watched(body: ReadableStream<Uint8Array> | null, timer: NodeJS.Timeout) {
  try {
    for await (const bytes of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      timer.refresh()
      yield bytes
    }
  } finally {
    clearTimeout(timer)
  }
}
