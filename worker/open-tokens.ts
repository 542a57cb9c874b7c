import { type OpenedToken, openProviderTokens } from '../db/provider-tokens'
import type { ProviderId } from '../providers/registry'
import type { WorkerDeps } from './deps'

export interface TokenOpener {
  /** Every value that was opened so far. */
  secrets: readonly string[]
  /**
   * The user's saved tokens with their values, or that of one provider.
   * @throws UnsealError
   */
  open(userId: string, provider?: ProviderId): OpenedToken[]
  /** Once the work that needed them has ended, and what went wrong with it is written down. */
  letGo(): void
}

/** The only way of the worker to saved tokens: what it opens stays out of the log for as long as it is in use. */
export function tokenOpener({ db, installation, holdSecrets }: WorkerDeps): TokenOpener {
  const secrets: string[] = []
  return {
    secrets,
    open(userId, provider) {
      const tokens = openProviderTokens(db, installation, userId, provider)
      secrets.push(...tokens.map(({ value }) => value))
      return tokens
    },
    letGo: holdSecrets(secrets),
  }
}
