import type { SavedToken } from '../../db/provider-tokens'
import type { TokenHolder } from '../../db/token-holders'
import { MACHINE_KINDS, PROVIDERS, type ProviderId } from '../../providers/registry'
import type { TokenAnswer, TokenWarning } from '../../providers/token-check'
import { mask } from '../../providers/token-format'

const iso = (at: number) => new Date(at).toISOString()

/** What an issuer said of a token: the fields that its state doesn't have are null. */
export interface CheckView {
  state: 'valid' | 'refused' | 'not_checked'
  account: string | null
  role: string | null
  expiresAt: string | null
  warnings: TokenWarning[]
  /** Why it is refused, or why nobody knows. */
  message: string | null
  checkedAt: string
  /** What was known before nobody could ask. */
  lastAnswer: Omit<CheckView, 'lastAnswer'> | null
}

export function checkView({ check, checkedAt }: Pick<SavedToken, 'check' | 'checkedAt'>): CheckView | null {
  if (!check || checkedAt === null) return null
  if (check.state !== 'not_checked') return { ...answerView(check, checkedAt), lastAnswer: null }
  const { lastAnswer } = check
  return {
    ...EMPTY,
    state: 'not_checked',
    message: check.message,
    checkedAt: iso(checkedAt),
    lastAnswer: lastAnswer && answerView(lastAnswer.check, lastAnswer.checkedAt),
  }
}

const EMPTY = { account: null, role: null, expiresAt: null, warnings: [], message: null }

const answerView = (check: TokenAnswer, at: number): Omit<CheckView, 'lastAnswer'> => ({
  ...EMPTY,
  ...check,
  checkedAt: iso(at),
})

/** One provider's row: what is saved, what its issuer says of it, and which machines hold it. */
export function providerTokenView(
  provider: ProviderId,
  token: SavedToken | undefined,
  holders: TokenHolder[],
  checksOn: boolean,
) {
  const { label, tokenPage, placeholder, variables } = PROVIDERS[provider]
  return {
    provider,
    label,
    tokenPage,
    placeholder,
    /** Kinds of machines that get it. */
    kinds: MACHINE_KINDS.filter((kind) => variables[kind].length),
    saved: token !== undefined,
    masked: token ? mask(token.visible) : null,
    updatedAt: token ? iso(token.updatedAt) : null,
    check: token ? checkView(token) : null,
    /** Whether this server asks issuers at all. */
    checksOn,
    /** Machines that run and could hold it. */
    holders: holders
      .filter((holder) => holder.provider === provider)
      .map(({ machineId, name, kind, holds }) => ({ machineId, name, kind, holds })),
  }
}
