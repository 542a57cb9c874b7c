import type { Issuers } from './issuers'
import { civitai, requireDownload } from './models/civitai'
import { requireRepoAccess } from './models/hub-api'
import { huggingface } from './models/huggingface'
import type { IssuerContext } from './models/issuer'
import { type ModelQuestion, nameOf } from './models/question'
import { PROFILE_VOICE } from './models/voice'
import { type Link, type ModelRefusalCode, Refusal } from './refusal'
import type { GatedRead } from './token-check'

/** Whether a download would work. */
export type ModelAccess =
  | {
      state: 'opens'
      name: string
      /** Null for a repository, or where the issuer doesn't say. */
      sizeBytes: number | null
      /** Whether it needs no token at all. */
      withoutToken: boolean
    }
  | { state: 'refused'; code: ModelRefusalCode; message: string; link: Link | null }

const LIMIT_MS = 10_000

interface Given {
  issuers: Issuers
  token: string | undefined
  /** What the last check of the token said. */
  gatedRead: GatedRead
  signal: AbortSignal
}

/**
 * Asks the issuer, as the downloader in a machine will, whether a model opens with the saved token.
 * @returns an answer to whatever the issuer and the network do
 */
export async function askForModel(
  question: ModelQuestion,
  { issuers, token, gatedRead, signal }: Given,
): Promise<ModelAccess> {
  const limit = AbortSignal.timeout(LIMIT_MS)
  const { network } = issuers
  const context = { network, voice: PROFILE_VOICE, signal: AbortSignal.any([signal, limit]) }
  try {
    const found = await open(question, { ...context, token, gatedRead })
    const withoutToken = token === undefined || (await isPublic(question, context))
    return { state: 'opens', ...found, withoutToken }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, message, link = null } = error as Refusal
    if (code === 'token_refused' && (await isPublic(question, context)))
      return {
        state: 'refused',
        code,
        message: `This model is public, but your saved token is refused, and a refused token breaks even public downloads. ${PROFILE_VOICE.replaceIt}`,
        link,
      }
    return { state: 'refused', code, message, link }
  }
}

const isPublic = (question: ModelQuestion, context: Omit<IssuerContext, 'token'>): Promise<boolean> =>
  open(question, { ...context, token: undefined }).then(
    () => true,
    () => false,
  )

async function open(question: ModelQuestion, context: IssuerContext) {
  if (question.provider === 'civitai') {
    const file = await civitai.inspect(question, context)
    await requireDownload(file.url, question, context)
    return { name: file.name, sizeBytes: file.size ?? null }
  }
  if (question.path) {
    const file = await huggingface.inspect(question, context)
    return { name: file.name, sizeBytes: file.size ?? null }
  }
  await requireRepoAccess(question, context)
  return { name: nameOf(question), sizeBytes: null }
}
