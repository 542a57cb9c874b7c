import { PROVIDERS, type ProviderId } from '~/providers/registry'
import { Refusal } from '../refusal'
import type { ModelFolder } from '../workspace/model-folders'
import type { Answer, Network } from './network'
import type { ModelSource } from './source'

/** What an issuer says of a file before a byte of it is fetched. */
export interface ModelFile {
  url: string
  name: string
  folder: ModelFolder
  /** Bytes, if the issuer says; by how much it may be off. */
  size?: number
  sizeTolerance: number
  /** Lower-case hex, if the issuer says. */
  sha256?: string
}

export interface IssuerContext {
  network: Network
  token: string | undefined
  signal: AbortSignal
}

export interface Issuer<Source extends ModelSource> {
  inspect(source: Source, context: IssuerContext): Promise<ModelFile>
  /** Why an answer is not the file. */
  explain(answer: Answer, source: Source, token: string | undefined): Promise<Refusal>
}

/** The two answers to "401": nothing to show, or nothing that is accepted. */
export function explainUnauthorized(provider: ProviderId, token: string | undefined, page?: string): Refusal {
  const { label, tokenPage } = PROVIDERS[provider]
  if (token)
    return new Refusal(
      'token_refused',
      `${label} doesn’t accept the token of this session: it may have expired or been revoked. Save a new one in your Slipway profile and relaunch the machine.`,
      { href: tokenPage, label: `Your ${label} tokens` },
    )
  return new Refusal(
    'token_missing',
    `${label} wants a token for this file and this session holds none. Save one in your Slipway profile and relaunch the machine: a running session doesn’t pick it up.`,
    page ? { href: page, label: 'The model’s page' } : { href: tokenPage, label: `Your ${label} tokens` },
  )
}

/** What means the same with every issuer. */
export function explainCommon(provider: ProviderId, answer: Answer): Refusal {
  const { label } = PROVIDERS[provider]
  if (answer.status === 429) {
    const seconds = waitSeconds(answer)
    const wait = seconds ? `in ${Math.ceil(seconds / 60)} min` : 'later'
    return new Refusal('rate_limited', `${label} limits how often files are fetched. Try again ${wait}.`)
  }
  if (answer.status < 300) return htmlInstead(provider)
  return new Refusal('network', `${label} answered with an error (${answer.status}). Try again in a while.`)
}

function htmlInstead(provider: ProviderId): Refusal {
  return new Refusal(
    'html_instead_of_file',
    `${PROVIDERS[provider].label} sent a web page instead of the file. Nothing was saved.`,
  )
}

function waitSeconds(answer: Answer): number | undefined {
  const retryAfter = answer.header('retry-after')
  const given = /^\d+$/.test(retryAfter ?? '')
    ? retryAfter
    : /\bt=(\d+)/.exec(answer.header('ratelimit') ?? '')?.[1]
  return given === undefined ? undefined : Number(given) + 1
}

const TEXT_MAX = 4 * 1024 * 1024

/** @returns a small body as text; at most 4 MB of it */
export async function readText(answer: Answer): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer.body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > TEXT_MAX) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
