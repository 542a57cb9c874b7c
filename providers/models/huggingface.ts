import { GATED_READ_BOX } from '../gated-read'
import { readText } from '../network/body'
import type { Answer } from '../network/network'
import { type Link, Refusal } from '../refusal'
import { PROVIDERS } from '../registry'
import { explain401, explainCommon, explainUnauthorized, type Issuer, type IssuerContext } from './issuer'
import type { HubFile, HubRepo } from './source'

/** Hugging Face: a HEAD tells size and SHA-256, the GET leads by redirect to the file's storage. */
export const huggingface: Issuer<HubFile> = {
  async inspect(source, context) {
    const { network, token, signal } = context
    const url = fileUrl(source)
    const call = { method: 'HEAD', url, provider: 'huggingface', token, follow: 'relative', signal } as const
    const answer = await network.open(call)
    answer.body.destroy()
    if (answer.status >= 400) throw explainHub(answer, '', source, context)
    // Behind a redirect Content-Length is that of the redirect, not of the file.
    const size =
      answer.header('x-linked-size') ?? (answer.status < 300 ? answer.header('content-length') : undefined)
    const etag = (answer.header('x-linked-etag') ?? answer.header('etag') ?? '').replace(/^W\/|"/g, '')
    return {
      url,
      name: source.path.at(-1) as string,
      types: [],
      size: size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined,
      sizeTolerance: 0,
      // A file kept in LFS has its SHA-256 as the tag, any other one a git hash.
      sha256: /^[0-9a-f]{64}$/i.test(etag) ? etag.toLowerCase() : undefined,
    }
  },

  explain: async (answer, source, context) =>
    explainHub(answer, answer.status === 401 ? await readText(answer) : '', source, context),
}

/**
 * Asks whether the repository may be read: its own page answers 200 even where the terms were not accepted.
 * @throws Refusal that says why not
 */
export async function requireRepoAccess(source: HubRepo, context: IssuerContext): Promise<void> {
  const [, kind = 'models', name = source.repo] =
    /^(datasets|spaces)\/(.+)$/.exec(source.repo) ?? ([] as string[])
  const { network, token, signal } = context
  const url = `${source.base}/api/${kind}/${name}/auth-check`
  const answer = await network.open({
    method: 'GET',
    url,
    provider: 'huggingface',
    token,
    follow: 'relative',
    signal,
  })
  try {
    const isPage = /^text\/html/i.test(answer.header('content-type') ?? '')
    const body = answer.status === 401 ? await readText(answer) : ''
    if (answer.status !== 200 || isPage) throw explainHub(answer, body, source, context)
  } catch (error) {
    throw network.explain(error, answer)
  } finally {
    answer.body.destroy()
  }
}

/** @param body of a 401, if it was read */
function explainHub(
  answer: Answer,
  body: string,
  source: HubFile | HubRepo,
  context: IssuerContext,
): Refusal {
  const code = answer.header('x-error-code')
  const message = answer.header('x-error-message') ?? ''
  const page = `${source.base}/${source.repo}`
  const link = { href: page, label: 'The model’s page' }
  if (context.token && /invalid credentials/i.test(message))
    return explainUnauthorized('huggingface', context)
  if (code === 'RepoNotFound') return notFound(context, link)
  if (answer.status === 401) return explain401('huggingface', answer, body, context, page)
  if (answer.status === 403) return explainForbidden(answer, message, context, link)
  if (answer.status === 404 && (code === 'RevisionNotFound' || code === 'EntryNotFound'))
    return new Refusal(
      'revision_or_file_missing',
      code === 'EntryNotFound'
        ? 'The repository has no such file at that revision. Look it up in its list of files.'
        : 'The repository has no such branch, tag or commit. Look it up in its list of files.',
      { href: `${page}/tree/main`, label: 'The list of files' },
    )
  return answer.status === 404 ? notFound(context, link) : explainCommon('huggingface', answer)
}

function explainForbidden(answer: Answer, message: string, context: IssuerContext, link: Link): Refusal {
  const { token, gatedRead = 'unknown', voice } = context
  const isGated = answer.header('x-error-code') === 'GatedRepo'
  if (/access to this resource is disabled/i.test(message))
    return new Refusal('archived', 'Hugging Face has taken this repository down. No token opens it.', link)
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

function fileUrl({ base, repo, revision, path }: HubFile): string {
  return `${base}/${repo}/resolve/${encodeURIComponent(revision)}/${path.map(encodeURIComponent).join('/')}`
}
