import { offerCivitai } from '~/providers/models/civitai-offer'
import { offerHub } from '~/providers/models/hub-offer'
import type { IssuerContext, Offer } from '~/providers/models/issuer'
import { SESSION_VOICE } from '~/providers/models/voice'
import { offerWeb } from '~/providers/models/web'
import type { Network } from '~/providers/network/network'
import { PROVIDERS, type ProviderId } from '~/providers/registry'
import { Refusal } from '../refusal'
import type { Source } from './read-source'

/** How long one source may take to answer. */
const LIMIT_MS = 45_000

export interface OfferDeps {
  network: Network
  tokens: Partial<Record<ProviderId, string>>
}

/**
 * Asks a source what it offers. A token that the issuer refuses doesn't stand in the way of what is public: it is
 * asked once more without.
 * @throws Refusal when not even a list can be had
 */
export async function layOpen(
  source: Source,
  { network, tokens }: OfferDeps,
  signal: AbortSignal,
): Promise<Offer> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  const context = { network, voice: SESSION_VOICE, signal: limited }
  const token = source.provider ? tokens[source.provider] : undefined
  const ask = (sent: string | undefined) => settle(offer(source, { ...context, token: sent }))
  const first = await ask(token)
  if (token && first.refusal?.code === 'token_refused') {
    const second = await ask(undefined)
    if (second.offer && !second.refusal) return withNotice(second.offer, source.provider)
  }
  if (first.offer) return first.offer
  throw first.refusal
}

function offer(source: Source, context: IssuerContext): Promise<Offer> {
  if (source.provider === null) return offerWeb(source, context)
  return source.provider === 'civitai' ? offerCivitai(source, context) : offerHub(source, context)
}

type Settled = { offer: Offer; refusal?: Refusal } | { offer?: undefined; refusal: Refusal }

const settle = (asked: Promise<Offer>): Promise<Settled> =>
  asked.then(
    (offer) => ({ offer, refusal: offer.refusal }),
    (error) => {
      if (error instanceof Refusal) return { refusal: error as Refusal }
      throw error
    },
  )

function withNotice(offer: Offer, provider: ProviderId | null): Offer {
  const label = provider ? PROVIDERS[provider].label : 'The host'
  const { token, replaceIt } = SESSION_VOICE
  const notice = `${label} doesn’t accept ${token}. This is public and comes without it. ${replaceIt}`
  return { ...offer, notices: [notice, ...(offer.notices ?? [])] }
}
