import { readText } from '../network/body'
import type { Answer } from '../network/network'
import { type Link, Refusal } from '../refusal'
import { explain401, explainCommon, explainUnauthorized, type IssuerContext } from './issuer'
import type { CivitaiFile } from './source'

/** Why an answer of Civitai's is not what was asked for. */
export async function explainCivitai(
  answer: Answer,
  source: CivitaiFile,
  context: IssuerContext,
): Promise<Refusal> {
  const page = civitaiPage(source)
  // What a browser gets instead of a 401: the sign-in page, with status 200.
  if (answer.url.pathname === '/login') return explainUnauthorized('civitai', context)
  const text = answer.status >= 400 ? await readText(answer) : ''
  if (/disabled downloads/i.test(text)) return creatorDisabled(source)
  if (answer.status === 401) return explain401('civitai', answer, text, context)
  if (answer.status === 403 && /early access/i.test(text)) {
    const until = /"deadline"\s*:\s*"(\d{4}-\d{2}-\d{2})/.exec(text)?.[1]
    const end = until ? ` until ${until}` : ''
    return new Refusal(
      'early_access',
      `This version is in Early Access${end}. Buy access on its page, or wait.`,
      page,
    )
  }
  if (answer.status === 403)
    return new Refusal(
      'network',
      `Civitai refuses ${context.voice.here}’s address or account (403). Try again later.`,
      page,
    )
  if (answer.status === 404) return noSuchFile(source)
  return answer.status === 410 ? archived(source) : explainCommon('civitai', answer, page)
}

export const creatorDisabled = (source: CivitaiFile) =>
  new Refusal(
    'creator_disabled',
    'The creator has turned off downloads of this file. No key opens it.',
    civitaiPage(source),
  )

export const archived = (source: CivitaiFile) =>
  new Refusal('archived', 'This model is archived: Civitai no longer offers its files.', civitaiPage(source))

export const noSuchModel = (source: CivitaiFile) =>
  new Refusal(
    'not_found_or_private',
    'Civitai shows no such model. It may have been removed or made private.',
    civitaiPage(source),
  )

export const noSuchFile = (source: CivitaiFile) =>
  new Refusal(
    'revision_or_file_missing',
    'This version has no such file. Copy the download link from the model’s page again.',
    civitaiPage(source),
  )

export const civitaiPage = ({ base, modelId, versionId }: CivitaiFile): Link => ({
  href: modelId
    ? `${base}/models/${modelId}${versionId ? `?modelVersionId=${versionId}` : ''}`
    : `${base}/model-versions/${versionId}`,
  label: 'The model’s page',
})
