import { Refusal } from '../refusal'
import { DEFAULT_MODEL_FOLDER, type ModelFolder } from '../workspace/model-folders'
import { explainCommon, explainUnauthorized, type Issuer } from './issuer'
import type { Answer } from './network'
import type { HubFile } from './source'

/** Hugging Face: a HEAD tells size and SHA-256, the GET leads by redirect to the file's storage. */
export const huggingface: Issuer<HubFile> = {
  async inspect(source, { network, token, signal }) {
    const url = fileUrl(source)
    const call = { method: 'HEAD', url, provider: 'huggingface', token, follow: 'relative', signal } as const
    const answer = await network.open(call)
    answer.body.destroy()
    if (answer.status >= 400) throw await huggingface.explain(answer, source, token)
    // Behind a redirect Content-Length is that of the redirect, not of the file.
    const size =
      answer.header('x-linked-size') ?? (answer.status < 300 ? answer.header('content-length') : undefined)
    const etag = (answer.header('x-linked-etag') ?? answer.header('etag') ?? '').replace(/^W\/|"/g, '')
    return {
      url,
      name: source.path.at(-1) as string,
      folder: proposeFolder(source),
      size: size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined,
      sizeTolerance: 0,
      // A file kept in LFS has its SHA-256 as the tag, any other one a git hash.
      sha256: /^[0-9a-f]{64}$/i.test(etag) ? etag.toLowerCase() : undefined,
    }
  },

  async explain(answer, source, token) {
    const code = answer.header('x-error-code')
    const message = answer.header('x-error-message') ?? ''
    const page = `${source.base}/${source.repo}`
    const link = { href: page, label: 'The model’s page' }
    if (token && /invalid credentials/i.test(message)) return explainUnauthorized('huggingface', token)
    if (code === 'RepoNotFound') return notFound(token, link)
    if (answer.status === 401) return explainUnauthorized('huggingface', token, page)
    if (answer.status === 403) return explainForbidden(answer, message, token, link)
    if (answer.status === 404 && (code === 'RevisionNotFound' || code === 'EntryNotFound'))
      return new Refusal(
        'revision_or_file_missing',
        code === 'EntryNotFound'
          ? 'The repository has no such file at that revision. Look it up in its list of files.'
          : 'The repository has no such branch, tag or commit. Look it up in its list of files.',
        { href: `${page}/tree/main`, label: 'The list of files' },
      )
    return answer.status === 404 ? notFound(token, link) : explainCommon('huggingface', answer)
  },
}

function explainForbidden(
  answer: Answer,
  message: string,
  token: string | undefined,
  link: Refusal['link'],
): Refusal {
  if (/access to this resource is disabled/i.test(message))
    return new Refusal('archived', 'Hugging Face has taken this repository down. No token opens it.', link)
  if (!token) return explainUnauthorized('huggingface', undefined, link?.href)
  if (/fine-?grained|public gated repositories/i.test(message))
    return new Refusal(
      'token_lacks_gated_read',
      'Your fine-grained token may not read gated models. Tick “Read access to contents of all public gated repos you can access” in its settings; no relaunch is needed.',
      { href: 'https://huggingface.co/settings/tokens', label: 'Your Hugging Face tokens' },
    )
  return new Refusal(
    'terms_not_accepted',
    answer.header('x-error-code') === 'GatedRepo'
      ? 'This model is gated. Open its page, accept its terms and download again. If you have accepted them, its owner may still have to let you in, or your fine-grained token lacks read access to gated repos.'
      : 'Hugging Face doesn’t let your token read this file. Open the model’s page, accept its terms and download again.',
    link,
  )
}

function notFound(token: string | undefined, link: Refusal['link']): Refusal {
  const cure = token
    ? 'Check the name; if it is private, the token of this session can’t see it.'
    : 'Check the name; if it is private, save a token in your Slipway profile and relaunch the machine: a running session doesn’t pick it up.'
  return new Refusal('not_found_or_private', `Hugging Face shows no such repository. ${cure}`, link)
}

function fileUrl({ base, repo, revision, path }: HubFile): string {
  return `${base}/${repo}/resolve/${encodeURIComponent(revision)}/${path.map(encodeURIComponent).join('/')}`
}

/** Names in the wild, most telling first. */
const HINTS: [RegExp, ModelFolder][] = [
  [/control_?net/, 'models/controlnet'],
  [/lora/, 'models/loras'],
  [/clip_?vision|image_encoder/, 'models/clip_vision'],
  [/text_?encoder|(^|\/)clip(\/|_l|_g)|t5xxl|umt5/, 'models/text_encoders'],
  [/(^|[/_.-])vae|(^|\/)ae\.safetensors$/, 'models/vae'],
  [/upscale|esrgan/, 'models/upscale_models'],
  [/embedding/, 'models/embeddings'],
  [/diffusion_models?|(^|\/)unet|transformer\//, 'models/diffusion_models'],
]

function proposeFolder({ repo, path }: HubFile): ModelFolder {
  const texts = [path.join('/'), repo].map((text) => text.toLowerCase())
  for (const text of texts) for (const [hint, folder] of HINTS) if (hint.test(text)) return folder
  return DEFAULT_MODEL_FOLDER
}
