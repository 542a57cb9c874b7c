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
 * @throws Refusal when not even a list can be had, `network` also when that takes too long
 */
export async function layOpen(
  source: Source,
  deps: OfferDeps,
  signal: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<Offer> {
  const limit = AbortSignal.timeout(limitMs)
  try {
    return await askFor(source, deps, AbortSignal.any([signal, limit]))
  } catch (error) {
    const isReason = error instanceof Refusal && error.code !== 'canceled'
    if (isReason || signal.aborted || !limit.aborted) throw error
    throw new Refusal('network', `${labelOf(source.provider)} took too long to answer. Try again in a while.`)
  }
}

async function askFor(source: Source, { network, tokens }: OfferDeps, signal: AbortSignal): Promise<Offer> {
  const context = { network, voice: SESSION_VOICE, signal }
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
  const { token, replaceIt } = SESSION_VOICE
  const notice = `${labelOf(provider)} doesn’t accept ${token}. This is public and comes without it. ${replaceIt}`
  return { ...offer, notices: [notice, ...(offer.notices ?? [])] }
}

const labelOf = (provider: ProviderId | null) => (provider ? PROVIDERS[provider].label : 'The host')
