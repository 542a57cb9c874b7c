/** What an issuer said of a token when it was asked. Texts of the issuer's are shown as text. */
export type TokenCheck =
  | {
      state: 'valid'
      /** The issuer's name of the account. */
      account: string
      /** What the token may do, in the issuer's word, where it says. */
      role: string | null
      /** ISO; null when it doesn't end or the issuer doesn't say. */
      expiresAt: string | null
      warnings: {
        code: 'write_token' | 'lacks_gated_read' | 'expires_soon' | 'account_restricted'
        message: string
      }[]
    }
  | { state: 'refused'; message: string }
  /** Nobody knows whether it is good: the issuer could not be asked, or answered nothing of use. */
  | { state: 'not_checked'; message: string; retryAfterSeconds?: number }
