import { record, WORKER } from '../db/audit'
import { type OpenedToken, openProviderTokens } from '../db/provider-tokens'
import { UnsealError } from '../db/sealing'
import { findSubject } from '../db/users'
import type { ProviderId } from '../providers/registry'
import type { TokenPurpose } from '../telemetry/worker-metrics'
import type { WorkerDeps } from './deps'

export interface TokenOpener {
  /** Every value that was opened so far. */
  secrets: readonly string[]
  /**
   * The user's saved tokens of these providers, with their values. Whoever opens them writes that into the
   * audit log, together with what came of it.
   * @throws UnsealError after writing that down
   */
  open(userId: string, providers: readonly ProviderId[]): OpenedToken[]
  /** Once the work that needed them has ended, and what went wrong with it is written down. */
  letGo(): void
}

/** The only way of the worker to saved tokens: what it opens stays out of the log for as long as it is in use. */
export function tokenOpener(
  { db, installation, clock, holdSecrets, metrics }: WorkerDeps,
  purpose: TokenPurpose,
): TokenOpener {
  const secrets: string[] = []
  return {
    secrets,
    open(userId, providers) {
      try {
        const tokens = openProviderTokens(db, installation, userId, providers)
        metrics.decrypted(purpose, 'ok', tokens.length)
        secrets.push(...tokens.map(({ value }) => value))
        return tokens
      } catch (error) {
        if (error instanceof UnsealError) {
          metrics.decrypted(purpose, 'unreadable')
          const entry = { action: 'provider_token_unreadable', by: WORKER, detail: error.message } as const
          record(db, { ...entry, subject: findSubject(db, userId) }, clock)
        }
        throw error
      }
    },
    letGo: holdSecrets(secrets),
  }
}
