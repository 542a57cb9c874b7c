import type { Link } from './refusal'

/** What an issuer said of a token when it was asked. Texts of the issuer's are data: cleaned, and shown as text. */
export type TokenCheck = TokenAnswer | NotChecked

export type TokenAnswer = ValidToken | { state: 'refused'; message: string }

export interface ValidToken {
  state: 'valid'
  /** The issuer's name of the account. */
  account: string
  /** What the token may do, or what the account is, in the issuer's words, where it says. */
  role: string | null
  /** ISO; null when it doesn't end or the issuer doesn't say. */
  expiresAt: string | null
  warnings: TokenWarning[]
  /** Absent where the issuer has no such right. */
  gatedRead?: GatedRead
}

/** Whether a token may read gated repositories whose terms its owner has accepted. */
export type GatedRead = 'yes' | 'no' | 'unknown'

export interface TokenWarning {
  code: 'write_token' | 'lacks_gated_read' | 'expires_soon' | 'account_restricted'
  message: string
  /** Where it is cured. */
  link: Link | null
}

/** Nobody knows whether it is good: the issuer could not be asked, or answered nothing of use. */
export interface NotChecked {
  state: 'not_checked'
  message: string
  /** Not to be asked again before, if the issuer said so. */
  retryAfterSeconds?: number
}

/** What is kept of the last check: while nobody could ask, also what was known before. */
export type KeptCheck =
  | TokenAnswer
  | (NotChecked & {
      /** How often in a row, from 1. */
      failures: number
      lastAnswer: { check: TokenAnswer; checkedAt: number } | null
    })

/** What the issuer said when it last answered; undefined while it never did. */
export const lastAnswerOf = (check: KeptCheck | null): TokenAnswer | undefined =>
  check?.state === 'not_checked' ? check.lastAnswer?.check : (check ?? undefined)

/** As far as the last answer of the issuer tells. */
export const gatedReadOf = (check: KeptCheck | null): GatedRead => {
  const known = lastAnswerOf(check)
  return (known?.state === 'valid' && known.gatedRead) || 'unknown'
}
