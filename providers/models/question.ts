import type { IssuerSettings } from '../issuers'
import { Refusal } from '../refusal'
import { PROVIDERS, type ProviderId } from '../registry'
import { parseCivitai } from './civitai-source'
import { looksLikeToken } from './pasted-token'
import { type CivitaiFile, type HubFile, type HubRepo, isPlainName, locate, parseHubFile } from './source'

/** What can be asked about: a file, a version, or a repository as a whole. Never holds a token. */
export type ModelQuestion = HubFile | CivitaiFile | HubRepo

const BARE_REPO = /^(?:datasets\/)?[\w.-]+\/[\w.-]+$/
const WITHOUT_SCHEME = /^(?:www\.)?(?:huggingface\.co|hf\.co|civitai\.com|civitai\.red)\//i

/**
 * Reads what somebody pasted to ask about: an address of the provider's, or `owner/name` on Hugging Face.
 * @throws Refusal `bad_url` or `host_not_allowed`, with the cure
 */
export function parseModelQuestion(
  provider: ProviderId,
  pasted: string,
  issuers: IssuerSettings,
): ModelQuestion {
  const question = read(provider, pasted.trim(), issuers)
  if (holdsToken(question))
    throw new Refusal('bad_url', 'There is a token in what you pasted. Paste the model’s address alone.')
  return question
}

function read(provider: ProviderId, given: string, issuers: IssuerSettings): ModelQuestion {
  const base = issuers.huggingfaceEndpoint
  const text = WITHOUT_SCHEME.test(given) ? `https://${given}` : given
  if (provider === 'huggingface' && BARE_REPO.test(text)) return parseHubRepo(`/${text}`, base) ?? refuseHub()
  if (!URL.canParse(text)) {
    if (provider === 'huggingface') refuseHub()
    throw new Refusal('bad_url', 'Paste the address of a model on Civitai, with https:// in front.')
  }
  const place = locate(new URL(text), issuers)
  if (place.provider !== provider)
    throw new Refusal(
      'bad_url',
      `That is an address of ${PROVIDERS[place.provider].label}. Ask about it in the row of that token.`,
    )
  if (place.provider === 'civitai') return parseCivitai(place)
  return parseHubFile(place) ?? parseHubRepo(place.pathname, base) ?? refuseHub()
}

function refuseHub(): never {
  throw new Refusal('bad_url', 'Paste owner/name, or the address of a repository or a file on Hugging Face.')
}

const HUB_REPO =
  /^\/((?:datasets\/|spaces\/)?[\w.-]+(?:\/[\w.-]+)?)(?:\/(?:tree|blob|resolve|discussions)\/.*)?\/?$/

function parseHubRepo(pathname: string, base: string): HubRepo | undefined {
  const repo = HUB_REPO.exec(pathname)?.[1]
  const parts = repo?.split('/') ?? []
  const isWhole = !['datasets', 'spaces'].includes(parts[0] ?? '') || parts.length === 3
  return repo && isWhole && parts.every(isPlainName) ? { provider: 'huggingface', base, repo } : undefined
}

/** The query was read for a few words alone; a path may still hold a token that was pasted into it. */
const holdsToken = (question: ModelQuestion): boolean =>
  (question.provider === 'civitai'
    ? Object.values(question.choice)
    : [...question.repo.split('/'), ...(question.path ?? []), 'revision' in question ? question.revision : '']
  ).some(looksLikeToken)

/** What a person calls it. */
export function nameOf(question: ModelQuestion): string {
  if (question.provider === 'huggingface') return [question.repo, ...(question.path ?? [])].join('/')
  const { modelId, versionId } = question
  return [modelId && `model ${modelId}`, versionId && `version ${versionId}`].filter(Boolean).join(', ')
}
