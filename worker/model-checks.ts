import { record, WORKER } from '../db/audit'
import { answerModelCheck, claimModelCheck, type ModelCheck } from '../db/model-checks'
import { UnsealError } from '../db/sealing'
import { requestTokenCheck } from '../db/token-checks'
import { findSubject } from '../db/users'
import type { Issuers } from '../providers/issuers'
import { askForModel, type ModelAccess } from '../providers/model-access'
import { nameOf } from '../providers/models/question'
import type { ModelRefusalCode } from '../providers/refusal'
import { PROVIDERS } from '../providers/registry'
import { gatedReadOf } from '../providers/token-check'
import type { WorkerDeps } from './deps'
import { tokenOpener } from './open-tokens'

/** More than asking takes; then another worker may, should anybody still wait for the answer. */
const HOLD_MS = 20_000

/** Answers one question whether its user's saved token opens a model. */
export async function checkModel(
  deps: WorkerDeps,
  issuers: Issuers,
  id: string,
  shutdown: AbortSignal,
): Promise<void> {
  const { db, clock } = deps
  const asked = claimModelCheck(db, id, HOLD_MS, clock)
  if (!asked) return
  const access = await ask(deps, issuers, asked, shutdown)
  if (shutdown.aborted) return
  answerModelCheck(db, id, recheck(deps, asked, access), clock)
}

/** Refusals that may say that the token's last check is no longer true, and what comes of asking again. */
const RECHECKED: Partial<Record<ModelRefusalCode, string>> = {
  token_refused: 'It is being checked again; its row will say what came of that.',
  token_lacks_gated_read:
    'The token is being checked again: if the box was ticked only lately, ask once more in a minute.',
}

function recheck(
  { db, clock }: WorkerDeps,
  { userId, question }: ModelCheck,
  access: ModelAccess,
): ModelAccess {
  const hint = access.state === 'refused' && RECHECKED[access.code]
  if (!hint) return access
  const now = clock()
  const mayAsk = requestTokenCheck(db, { userId, provider: question.provider }, () => now)
  return mayAsk === now ? { ...access, message: `${access.message} ${hint}` } : access
}

async function ask(
  deps: WorkerDeps,
  issuers: Issuers,
  { userId, question }: ModelCheck,
  signal: AbortSignal,
): Promise<ModelAccess> {
  const opener = tokenOpener(deps, 'model_check')
  try {
    const [token] = opener.open(userId, [question.provider])
    if (token) {
      const target = PROVIDERS[question.provider].label
      const entry = { action: 'provider_token_opened', by: WORKER, target } as const
      const detail = `To ask about ${nameOf(question)}`
      record(deps.db, { ...entry, subject: findSubject(deps.db, userId), detail }, deps.clock)
    }
    const access = await askForModel(question, {
      issuers,
      token: token?.value,
      gatedRead: gatedReadOf(token?.check ?? null),
      signal,
    })
    deps.metrics.issuerAnswered(question.provider, { about: 'model', state: access.state })
    return access
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    return {
      state: 'refused',
      code: 'token_refused',
      message: 'Your saved token could not be opened with this server’s keys. Save it again.',
      link: null,
    }
  } finally {
    opener.letGo()
  }
}
