import { UnsealError } from '../db/sealing'
import { claimTokenCheck, recordTokenCheck, type TokenRef } from '../db/token-checks'
import { checkToken } from '../providers/checks/check-token'
import type { Issuers } from '../providers/issuers'
import type { TokenCheck } from '../providers/token-check'
import type { WorkerDeps } from './deps'
import { tokenOpener } from './open-tokens'

/** Far more than a check takes; then another worker asks. */
const HOLD_MS = 60_000

/** Asks the issuer about a saved token that is due, and writes the answer down unless the token was replaced. */
export async function checkSavedToken(
  deps: WorkerDeps,
  issuers: Issuers,
  ref: TokenRef,
  shutdown: AbortSignal,
): Promise<void> {
  const { db, clock, logger } = deps
  const claim = claimTokenCheck(db, ref, HOLD_MS, clock)
  if (!claim) return
  const check = await ask(deps, issuers, ref, shutdown)
  if (!check || shutdown.aborted) return
  if (recordTokenCheck(db, claim, check, clock))
    logger.info({ ...ref, state: check.state }, 'token was checked')
}

async function ask(
  deps: WorkerDeps,
  issuers: Issuers,
  { userId, provider }: TokenRef,
  signal: AbortSignal,
): Promise<TokenCheck | undefined> {
  const opener = tokenOpener(deps, 'token_check')
  try {
    const [token] = opener.open(userId, [provider])
    if (!token) return undefined
    const check = await checkToken(provider, token.value, { issuers, now: deps.clock(), signal })
    deps.metrics.issuerAnswered(provider, { about: 'token', state: check.state })
    return check
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    return {
      state: 'not_checked',
      message: 'The saved token could not be opened with this server’s keys. Save it again.',
    }
  } finally {
    opener.letGo()
  }
}
