import { GATED_READ_BOX } from '../gated-read'
import type { Answer } from '../network/network'
import { type Link, Refusal } from '../refusal'
import { PROVIDERS } from '../registry'
import { hubPage } from './hub-address'
import { explain401, explainCommon, explainUnauthorized, type IssuerContext } from './issuer'
import type { HubFile } from './source'

type Repo = Pick<HubFile, 'base' | 'repo'>

/**
 * What an answer of the Hub’s means that is not what was asked for. Its headers tell more than its status.
 * @param body of a 401, if it was read
 */
export function explainHub(answer: Answer, body: string, repo: Repo, context: IssuerContext): Refusal {
  const code = answer.header('x-error-code')
  const message = answer.header('x-error-message') ?? ''
  const link = pageLink(repo)
  if (context.token && /invalid credentials/i.test(message))
    return explainUnauthorized('huggingface', context)
  if (code === 'RepoNotFound') return notFound(context, link)
  if (/access to this resource is disabled/i.test(message)) return takenDown(repo)
  if (answer.status === 401) return explain401('huggingface', answer, body, context, link.href)
  if (answer.status === 403) return explainForbidden(answer, message, context, link)
  if (answer.status === 404 && (code === 'RevisionNotFound' || code === 'EntryNotFound'))
    return new Refusal(
      'revision_or_file_missing',
      code === 'EntryNotFound'
        ? 'The repository has no such file at that revision. Look it up in its list of files.'
        : 'The repository has no such branch, tag or commit. Look it up in its list of files.',
      listLink(repo),
    )
  return answer.status === 404 ? notFound(context, link) : explainCommon('huggingface', answer, link)
}

export const pageLink = (repo: Repo): Link => ({ href: hubPage(repo), label: 'The model’s page' })

export const listLink = (repo: Repo): Link => ({
  href: `${hubPage(repo)}/tree/main`,
  label: 'The list of files',
})

export const takenDown = (repo: Repo): Refusal =>
  new Refusal('archived', 'Hugging Face has taken this repository down. No token opens it.', pageLink(repo))

function explainForbidden(answer: Answer, message: string, context: IssuerContext, link: Link): Refusal {
  const { token, gatedRead = 'unknown', voice } = context
  const isGated = answer.header('x-error-code') === 'GatedRepo'
  if (!token) return explainUnauthorized('huggingface', context, link.href)
  if (/fine-?grained|public gated repositories/i.test(message) || (isGated && gatedRead === 'no'))
    return new Refusal(
      'token_lacks_gated_read',
      `Your fine-grained token may not read gated models. Tick “${GATED_READ_BOX}” in its settings; ${voice.rightsChanged}.`,
      { href: PROVIDERS.huggingface.tokenPage, label: 'Your Hugging Face tokens' },
    )
  const orElse =
    gatedRead === 'unknown' ? ', or the token is fine-grained and lacks read access to gated repos' : ''
  return new Refusal(
    'terms_not_accepted',
    isGated
      ? `This model is gated. Open its page, accept its terms and ${voice.again}. If you have accepted them, its owner may still have to let you in${orElse}.`
      : `Hugging Face doesn’t let your token read this. Open the model’s page, accept its terms and ${voice.again}.`,
    link,
  )
}

function notFound({ token, voice }: IssuerContext, link: Link): Refusal {
  const cure = token
    ? `Check the name; if it is private, ${voice.token} can’t see it.`
    : `Check the name; if it is private, save a token ${voice.where}`
  return new Refusal('not_found_or_private', `Hugging Face shows no such repository. ${cure}`, link)
}
