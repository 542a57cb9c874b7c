import type { SavedToken } from '../../db/provider-tokens'
import type { TokenHolder } from '../../db/token-holders'
import { mayAskAt } from '../../providers/checks/schedule'
import { MACHINE_KINDS, PROVIDERS, type ProviderId, providersOf } from '../../providers/registry'
import type { TokenAnswer, TokenWarning } from '../../providers/token-check'
import { mask } from '../../providers/token-format'
import { iso } from './iso'

/** In words for people; a second early would be too early, so it is the minute after. */
export const minuteAfter = (at: number) =>
  `${iso(Math.ceil(at / 60_000) * 60_000)
    .slice(0, 16)
    .replace('T', ' ')} UTC`

/** What an issuer said of a token: the fields that its state doesn't have are null. */
export interface CheckView {
  state: 'valid' | 'refused' | 'not_checked'
  account: string | null
  role: string | null
  expiresAt: string | null
  warnings: TokenWarning[]
  /** Why it is refused, or why nobody knows and when the issuer may be asked again. */
  message: string | null
  checkedAt: string
  /** What was known before nobody could ask. */
  lastAnswer: Omit<CheckView, 'lastAnswer'> | null
}

export function checkView(
  { check, checkedAt }: Pick<SavedToken, 'check' | 'checkedAt'>,
  now: number,
): CheckView | null {
  if (!check || checkedAt === null) return null
  if (check.state !== 'not_checked') return { ...answerView(check, checkedAt), lastAnswer: null }
  const { lastAnswer } = check
  const mayAsk = mayAskAt(check, checkedAt)
  return {
    ...EMPTY,
    state: 'not_checked',
    message:
      mayAsk > now ? `${check.message} It may be asked again after ${minuteAfter(mayAsk)}.` : check.message,
    checkedAt: iso(checkedAt),
    lastAnswer: lastAnswer && answerView(lastAnswer.check, lastAnswer.checkedAt),
  }
}

const EMPTY = { account: null, role: null, expiresAt: null, warnings: [], message: null }

function answerView(check: TokenAnswer, at: number): Omit<CheckView, 'lastAnswer'> {
  const checked = { ...EMPTY, checkedAt: iso(at) }
  if (check.state === 'refused') return { ...checked, ...check }
  const { gatedRead: _, ...shown } = check
  return { ...checked, ...shown }
}

/** One provider's row: what is saved, what its issuer says of it, and which machines hold it. */
export function providerTokenView(
  provider: ProviderId,
  token: SavedToken | undefined,
  holders: TokenHolder[],
  { checksOn, now }: { checksOn: boolean; now: number },
) {
  const { label, tokenPage, placeholder } = PROVIDERS[provider]
  return {
    provider,
    label,
    tokenPage,
    placeholder,
    /** Kinds of machines that get it. */
    kinds: MACHINE_KINDS.filter((kind) => providersOf(kind).includes(provider)),
    saved: token !== undefined,
    masked: token ? mask(token.visible) : null,
    updatedAt: token ? iso(token.updatedAt) : null,
    check: token ? checkView(token, now) : null,
    /** Whether this server asks issuers at all. */
    checksOn,
    /** Machines that run, or are on their way, and could hold it. */
    holders: holders
      .filter((holder) => holder.provider === provider)
      .map(({ machineId, name, kind, holds }) => ({ machineId, name, kind, holds })),
  }
}
