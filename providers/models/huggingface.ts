import { readText } from '../network/body'
import type { Answer } from '../network/network'
import { hubFileUrl } from './hub-address'
import { linked } from './hub-api'
import { explainHub } from './hub-refusals'
import type { Issuer, IssuerContext } from './issuer'
import type { HubFile } from './source'

/** What the Hub’s plain addresses serve at most; a larger file comes by Xet alone. */
const PLAIN_MAX_BYTES = 50_000_000_000

/** Hugging Face: a HEAD tells size and SHA-256, the GET leads by redirect to the file's storage. */
export const huggingface: Issuer<HubFile> = {
  async inspect(source, context) {
    const answer = await head(source, context)
    const commit = answer.header('x-repo-commit') ?? ''
    const size = sizeOf(answer)
    const etag = (answer.header('x-linked-etag') ?? answer.header('etag') ?? '').replace(/^W\/|"/g, '')
    const isPinned = /^[0-9a-f]{40}$/i.test(commit)
    // A branch may move on while the file is fetched.
    const pinned = isPinned ? { ...source, revision: commit } : source
    const needsXet = size !== undefined && size > PLAIN_MAX_BYTES && answer.header('x-xet-hash')
    return {
      url: hubFileUrl(pinned),
      name: source.path.at(-1) as string,
      types: [],
      size,
      sizeTolerance: 0,
      // A file kept in LFS has its SHA-256 as the tag, any other one a git hash.
      sha256: /^[0-9a-f]{64}$/i.test(etag) ? etag.toLowerCase() : undefined,
      version: etag || (isPinned ? commit : undefined),
      ...(needsXet && { xet: pinned }),
    }
  },

  explain: async (answer, source, context) =>
    explainHub(answer, answer.status === 401 ? await readText(answer) : '', source, context),
}

async function head(source: HubFile, context: IssuerContext): Promise<Answer> {
  const { network, token, signal } = context
  const url = hubFileUrl(source)
  const call = { method: 'HEAD', url, provider: 'huggingface', token, follow: 'relative', signal } as const
  const answer = await network.open(call).catch((error) => Promise.reject(linked(error, source)))
  answer.body.destroy()
  if (answer.status >= 400) throw explainHub(answer, '', source, context)
  return answer
}

/** Behind a redirect Content-Length is that of the redirect, not of the file. */
function sizeOf(answer: Answer): number | undefined {
  const size =
    answer.header('x-linked-size') ?? (answer.status < 300 ? answer.header('content-length') : undefined)
  return size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined
}
