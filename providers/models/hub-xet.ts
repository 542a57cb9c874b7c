import { guardedFetch } from '../network/guarded-fetch'
import type { Answer } from '../network/network'
import { inAMoment, Refusal } from '../refusal'
import { linked } from './hub-api'
import { explainHub, pageLink } from './hub-refusals'
import type { IssuerContext } from './issuer'
import type { HubFile } from './source'

/** Chunks that arrived before their turn wait in memory. */
const PARALLEL = { maxConcurrency: 4, maxInFlightBytes: 64 * 1024 * 1024 }

/**
 * Opens a file through Xet: Hugging Face's own library asks which chunks make it up and puts them together, over the
 * same guarded network as every other request.
 * @param file pinned to its commit
 * @param from the byte that is to come first
 * @returns the bytes to the file's end, and `close`, which ends all that is under way for them
 * @throws Refusal; so does reading the bytes
 */
export async function openXet(
  file: HubFile,
  from: number,
  context: IssuerContext,
): Promise<{ size: number; bytes: AsyncIterable<Uint8Array>; close(): void }> {
  const { network, token } = context
  const ended = new AbortController()
  const signal = AbortSignal.any([context.signal, ended.signal])
  let refused: Refusal | undefined
  const fetch = guardedFetch({
    ...{ network, token, signal, provider: 'huggingface', base: file.base },
    explain: (answer) => explainAnswer(answer, file, context),
    onRefusal: (refusal) => {
      refused = refusal
    },
  })
  const why = () => linked(refused ?? senseless(file), file)
  const location = {
    repo: repoOf(file),
    revision: file.revision,
    // The library puts it into an address as it is.
    path: file.path.map(encodeURIComponent).join('/'),
    hubUrl: file.base,
    fetch,
  }
  const { downloadFile, fileDownloadInfo } = await import('@huggingface/hub')
  const info = await fileDownloadInfo(location).catch(() => undefined)
  if (!info?.xet) {
    ended.abort()
    throw why()
  }
  const blob = await downloadFile({ ...location, downloadInfo: info, parallelDownloads: PARALLEL })
  async function* bytes() {
    try {
      if (blob && from < blob.size) yield* blob.slice(from).stream() as unknown as AsyncIterable<Uint8Array>
    } catch {
      throw why()
    } finally {
      ended.abort()
    }
  }
  return { size: info.size, bytes: bytes(), close: () => ended.abort() }
}

function explainAnswer(answer: Answer, file: HubFile, context: IssuerContext): Refusal {
  if (answer.url.origin === new URL(file.base).origin) return explainHub(answer, '', file, context)
  const message = `${answer.url.host}, where Hugging Face keeps the file, refused to send it (${answer.status}). Try again in a while.`
  return inAMoment(new Refusal('network', message, pageLink(file)))
}

const senseless = (file: HubFile) =>
  inAMoment(
    new Refusal(
      'network',
      'Hugging Face’s storage sent the file in a form that makes no sense. Try again in a while.',
      pageLink(file),
    ),
  )

function repoOf({ repo }: HubFile): { type: 'model' | 'dataset'; name: string } {
  const name = repo.replace(/^datasets\//, '')
  return { type: name === repo ? 'model' : 'dataset', name }
}
