import { listProviderTokens, type SavedToken } from '../../db/provider-tokens'
import { checkToken } from '../../providers/checks/check-token'
import { mayAskAt } from '../../providers/checks/schedule'
import type { ProviderId } from '../../providers/registry'
import type { TokenCheck } from '../../providers/token-check'
import type { Context } from './context'

/** The user's token of a provider, as far as it may be known. */
export const savedToken = ({ db }: Context, userId: string, provider: ProviderId): SavedToken | undefined =>
  listProviderTokens(db, userId).find((row) => row.provider === provider)

/** Until when (milliseconds since 1970) its issuer wants to be left alone; a time that has passed when it doesn't. */
export const quietUntil = (token: SavedToken | undefined): number =>
  token ? mayAskAt(token.check, token.checkedAt ?? 0) : 0

/**
 * Asks about a value that is about to be saved. Issuers count by token: the one that is saved already is left
 * alone for as long as its issuer wants, a new one is asked about.
 * @returns undefined where checks are off
 */
export async function askBeforeSaving(
  ctx: Context,
  userId: string,
  provider: ProviderId,
  value: string,
): Promise<TokenCheck | undefined> {
  const { issuers, installation, clock, metrics } = ctx
  if (!issuers) return undefined
  const saved = savedToken(ctx, userId, provider)
  const isSame = saved?.fingerprint === installation.fingerprint(userId, provider, value)
  const waitMs = quietUntil(saved) - clock()
  if (isSame && waitMs > 0 && saved.check?.state === 'not_checked')
    return {
      state: 'not_checked',
      message: saved.check.message,
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    }
  const check = await checkToken(provider, value, { issuers, now: clock() })
  metrics.issuerAnswered(provider, { about: 'token', state: check.state })
  return check
}
