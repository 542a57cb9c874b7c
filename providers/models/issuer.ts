import { isIssuersOwn, signInOnTheWay } from '../issuers-own'
import type { Answer, Network } from '../network/network'
import { waitSeconds } from '../network/wait'
import { inAMoment, type Link, Refusal } from '../refusal'
import { PROVIDERS, type ProviderId } from '../registry'
import type { GatedRead } from '../token-check'
import type { HubFile, ModelSource } from './source'
import type { Voice } from './voice'

/** What an issuer says of a file before a byte of it is fetched. */
export interface ModelFile {
  url: string
  name: string
  /** What kind of model the issuer calls it, most telling first. */
  types: string[]
  /** Bytes, if the issuer says; by how much it may be off. */
  size?: number
  sizeTolerance: number
  /** Lower-case hex, if the issuer says. */
  sha256?: string
  /** Names this very content where nothing better does: an ETag without quotes, a commit. */
  version?: string
  /** Too large for its plain address: the file, pinned, whose bytes come by Xet alone. */
  xet?: HubFile
}

/** What an address, a command line or a name stands for, laid open before anything is fetched. */
export interface Offer {
  /** What a person calls it. */
  title: string
  page: string
  licence?: string
  gate: 'open' | 'accepted' | 'closed'
  files: OfferedFile[]
  /** False when there are more files than are listed. */
  complete: boolean
  /** What was asked for by name and isn't there. */
  missing?: { name: string; refusal: Refusal }[]
  /** Why nothing of it can be had; every file says so too. */
  refusal?: Refusal
  /** What somebody may want to know before, a sentence each. */
  notices?: string[]
}

export interface OfferedFile extends Omit<ModelFile, 'url' | 'version' | 'xet'> {
  /** Stands for exactly this file, pinned to its commit or version; `parseModelUrl` reads it. Never holds a token. */
  address: string
  /** What tells it from its neighbours: its path, its kind and precision. */
  detail?: string
  /** Whether somebody who asks for the whole means this one. */
  chosen: boolean
  refusal?: Refusal
}

export interface IssuerContext {
  network: Network
  token: string | undefined
  /** What is known of the token; absent is `unknown`. */
  gatedRead?: GatedRead
  voice: Voice
  signal: AbortSignal
}

export interface Issuer<Source extends ModelSource> {
  inspect(source: Source, context: IssuerContext): Promise<ModelFile>
  /** Why an answer is not the file. */
  explain(answer: Answer, source: Source, context: IssuerContext): Promise<Refusal>
}

/** @param body of the answer, which is a 401 */
export const explain401 = (
  provider: ProviderId,
  answer: Answer,
  body: string,
  context: IssuerContext,
  page?: string,
): Refusal =>
  isIssuersOwn(provider, answer, body)
    ? explainUnauthorized(provider, context, page)
    : new Refusal('network', signInOnTheWay(provider))

/** What an issuer means when it wants a token: nothing was shown, or nothing that it accepts. */
export function explainUnauthorized(
  provider: ProviderId,
  { token, voice }: IssuerContext,
  page?: string,
): Refusal {
  const { label, tokenPage } = PROVIDERS[provider]
  const tokens = { href: tokenPage, label: `Your ${label} tokens` }
  if (token)
    return new Refusal(
      'token_refused',
      `${label} doesn’t accept ${voice.token}: it may have expired or been revoked. ${voice.replaceIt}`,
      tokens,
    )
  return new Refusal(
    'token_missing',
    `${label} wants a token for this ${voice.noToken}. Save one ${voice.where}`,
    page ? { href: page, label: 'The model’s page' } : tokens,
  )
}

/** What means the same with every issuer. @param link where more is to be seen */
export const explainCommon = (provider: ProviderId, answer: Answer, link?: Link): Refusal =>
  explainAnswer(PROVIDERS[provider].label, answer, link)

/** What means the same with every host. @param label what a sentence calls it */
export function explainAnswer(label: string, answer: Answer, link?: Link): Refusal {
  if (answer.status === 429) {
    const seconds = waitSeconds(answer)
    const wait = seconds ? `in ${Math.ceil(seconds / 60)} min, after ${untilWhen(seconds)}` : 'later'
    const message = `${label} limits how often files are fetched. Try again ${wait}.`
    return new Refusal('rate_limited', message, link, seconds)
  }
  if (answer.status < 300)
    return new Refusal('html_instead_of_file', `${label} sent a web page instead of the file.`, link)
  const message = `${label} answered with an error (${answer.status}). Try again in a while.`
  const refusal = new Refusal('network', message, link)
  return answer.status >= 500 || answer.status === 408 ? inAMoment(refusal) : refusal
}

/** The clock's time on the machine is nobody's own; UTC is everybody's. */
const untilWhen = (seconds: number) =>
  `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
