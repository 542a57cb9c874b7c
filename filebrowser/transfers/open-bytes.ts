import type { ModelFile } from '~/providers/models/issuer'
import type { Answer } from '~/providers/network/network'
import { Refusal as IssuerRefusal, inAMoment } from '~/providers/refusal'
import { Refusal } from '../refusal'
import type { Asking } from './asker'

/** Bytes of a file from some place to its end. */
export interface OpenedBytes {
  /** Which byte comes first; all is there if it is the size. */
  from: number
  /** Of the whole file, if anybody says. */
  size: number | null
  /** Strong tag of the storage. */
  etag: string | null
  bytes: AsyncIterable<Uint8Array>
  close(): void
}

interface Wanted {
  /** How many bytes are there already. */
  from: number
  /** Tag that they belong to. */
  etag: string | null
}

/**
 * Asks for the rest of a file, anew from its issuer: the address that it leads to may have expired.
 * @returns all of the file, from 0, where its rest can't be had or would not fit
 * @throws Refusal that says why nothing comes
 */
export async function openBytes(file: ModelFile, wanted: Wanted, asking: Asking): Promise<OpenedBytes> {
  const answer = await ask(file, wanted, asking)
  if (wanted.from > 0 && (answer.status === 206 || answer.status === 416)) {
    const rest = restOf(answer, file, wanted)
    if (rest) return opened(answer, rest, asking)
    answer.body.destroy()
    return openBytes(file, { from: 0, etag: null }, asking)
  }
  try {
    if (answer.status !== 200 || isPage(answer, file)) throw await explain(answer, file, asking)
    requireIdentity(answer)
    const size = wholeNumber(answer.header('content-length'))
    return opened(answer, { from: 0, size }, asking)
  } catch (error) {
    answer.body.destroy()
    throw asking.context.network.explain(error, answer)
  }
}

const ask = ({ url }: ModelFile, { from, etag }: Wanted, { source, context }: Asking) =>
  context.network.open({
    method: 'GET',
    url,
    provider: source.provider,
    token: context.token,
    follow: 'all',
    range: from > 0 ? `bytes=${from}-` : undefined,
    ifRange: etag ?? undefined,
    signal: context.signal,
  })

function opened(
  answer: Answer,
  { from, size }: { from: number; size: number | null },
  { context }: Asking,
): OpenedBytes {
  async function* bytes() {
    try {
      if (answer.status !== 416) yield* answer.body
    } catch (error) {
      throw context.network.explain(error, answer)
    }
  }
  return { from, size, etag: strongTag(answer), bytes: bytes(), close: () => answer.body.destroy() }
}

/** @returns `undefined` where the answer is not the rest of the very file that was begun */
function restOf(answer: Answer, file: ModelFile, { from, etag }: Wanted) {
  const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(answer.header('content-range') ?? '')
  const size = wholeNumber(range?.[3])
  const isChanged = etag !== null && (strongTag(answer) ?? etag) !== etag
  if (size === null || isChanged || differs(size, file) || isCoded(answer) || isPage(answer, file))
    return undefined
  // Nothing was left to be sent: right if all of it is here.
  const begins = answer.status === 416 ? size : wholeNumber(range?.[1])
  return begins === from ? { from, size } : undefined
}

export const differs = (bytes: number, { size, sizeTolerance }: ModelFile): boolean =>
  size !== undefined && Math.abs(bytes - size) > sizeTolerance

/** Why an answer is not the file. Behind a redirect it is not the issuer who speaks, but its storage. */
async function explain(answer: Answer, file: ModelFile, { source, issuer, context }: Asking) {
  const isStorage = answer.url.origin !== new URL(file.url).origin
  if (isStorage && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
    return inAMoment(
      new IssuerRefusal(
        'network',
        `${answer.url.host}, where the file is kept, refused the address that it was found at (${answer.status}). Try again in a while.`,
      ),
    )
  return issuer.explain(answer, source, context)
}

function isPage(answer: Answer, { name, sha256 }: ModelFile): boolean {
  const type = answer.header('content-type') ?? ''
  // An error told as JSON, with status 200, where nothing could show that it is not the model.
  const isJson = /^application\/(problem\+)?json/i.test(type) && !sha256 && !/\.json$/i.test(name)
  return /^(text\/html|application\/xhtml)/i.test(type) || isJson
}

const isCoded = (answer: Answer) => !/^(identity)?$/i.test(answer.header('content-encoding')?.trim() ?? '')

/** What is packed on the way can be a thousand times as large, and its size and ranges are those of the package. */
function requireIdentity(answer: Answer) {
  if (isCoded(answer))
    throw new Refusal(
      'size_mismatch',
      `${answer.url.host} sent the file compressed, though it was asked for as it is. Try another source.`,
    )
}

/** A weak tag doesn't promise the same bytes. */
function strongTag(answer: Answer): string | null {
  const tag = answer.header('etag')
  return tag && /^"[\x21\x23-\x7e]*"$/.test(tag) ? tag : null
}

const wholeNumber = (text: string | undefined) =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
