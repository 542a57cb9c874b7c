import type { Answer } from '../network/network'
import { type Link, Refusal } from '../refusal'
import { fileNameOf } from './disposition'
import { explainAnswer, type Issuer, type IssuerContext, type Offer } from './issuer'
import { isPlainName, type WebFile } from './source'

/** A host that the operator allows: what HTTP itself tells of a file. No token ever goes there. */
export const web: Issuer<WebFile> = {
  async inspect(source, context) {
    const answer = await ask(source, context)
    if (isPage(answer, source)) throw explainWeb(answer, source)
    const etag = answer.header('etag')
    return {
      url: source.url,
      name: nameOf(source, answer.header('content-disposition')),
      types: [],
      size: sizeOf(answer),
      sizeTolerance: 0,
      // A weak tag stays the same where bytes differ.
      version: etag && !etag.startsWith('W/') ? etag.replace(/"/g, '') : answer.header('last-modified'),
    }
  },

  explain: async (answer, source) => explainWeb(answer, source),
}

/** @throws Refusal that says why it can't be had */
export async function offerWeb(source: WebFile, context: IssuerContext): Promise<Offer> {
  const { name, types, size, sizeTolerance } = await web.inspect(source, context)
  const address = source.url
  return {
    title: name,
    page: pageOf(source).href,
    gate: 'open',
    files: [{ address, name, types, size, sizeTolerance, detail: new URL(address).host, chosen: true }],
    complete: true,
  }
}

/** By HEAD, or by the first byte from servers that refuse it. */
async function ask(source: WebFile, { network, signal }: IssuerContext): Promise<Answer> {
  const call = { url: source.url, provider: null, token: undefined, follow: 'all', signal } as const
  const head = await network.open({ ...call, method: 'HEAD' })
  head.body.destroy()
  if (head.status === 200) return head
  const answer = await network.open({ ...call, method: 'GET', range: 'bytes=0-0' })
  try {
    if (![200, 206, 416].includes(answer.status)) throw explainWeb(answer, source)
    return answer
  } finally {
    answer.body.destroy()
  }
}

function sizeOf(answer: Answer): number | undefined {
  // An empty file has no first byte: 416, and a total of 0.
  const total =
    answer.status === 200 ? answer.header('content-length') : answer.header('content-range')?.split('/')[1]
  return total !== undefined && /^\d{1,15}$/.test(total) ? Number(total) : undefined
}

function nameOf({ url }: WebFile, disposition: string | undefined): string {
  const own = fileNameOf(disposition)
  if (own && isPlainName(own)) return own
  const last = new URL(url).pathname.split('/').filter(Boolean).at(-1) ?? ''
  const name = decodeName(last)
  return isPlainName(name) ? name : 'download'
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A page where a model was asked for: a sign-in, an error. */
const isPage = (answer: Answer, { url }: WebFile) =>
  /^text\/html/i.test(answer.header('content-type') ?? '') && !/\.html?$/i.test(new URL(url).pathname)

function explainWeb(answer: Answer, source: WebFile): Refusal {
  const { host } = new URL(source.url)
  const page = pageOf(source)
  if (answer.status === 401 || answer.status === 403)
    return new Refusal(
      'not_found_or_private',
      `${host} refuses to give this file (${answer.status}). Slipway sends no token there: make it readable without one.`,
      page,
    )
  if (answer.status === 404 || answer.status === 410)
    return new Refusal('revision_or_file_missing', `${host} has no such file. Check the address.`, page)
  return explainAnswer(host, answer, page)
}

const pageOf = ({ url }: WebFile): Link => ({ href: url, label: 'The file’s address' })
