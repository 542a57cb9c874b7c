import { record, WORKER } from '../db/audit'
import { answerModelCheck, claimModelCheck, type ModelCheck } from '../db/model-checks'
import { UnsealError } from '../db/sealing'
import { requestTokenCheck } from '../db/token-checks'
import { findSubject } from '../db/users'
import type { Issuers } from '../providers/issuers'
import { askForModel, type ModelAccess } from '../providers/model-access'
import { nameOf } from '../providers/models/question'
import { PROVIDERS } from '../providers/registry'
import { lacksGatedRead } from '../providers/token-check'
import type { WorkerDeps } from './deps'
import { tokenOpener } from './open-tokens'

/** Answers one question whether its user's saved token opens a model. */
/** More than asking takes; then another worker may, should anybody still wait for the answer. */
const HOLD_MS = 20_000

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
  answerModelCheck(db, id, access, clock)
  // What was good at the last check no longer is; its row should say so soon.
  if (access.state === 'refused' && access.code === 'token_refused')
    requestTokenCheck(db, { userId: asked.userId, provider: asked.question.provider }, clock)
}

async function ask(
  deps: WorkerDeps,
  issuers: Issuers,
  { userId, question }: ModelCheck,
  signal: AbortSignal,
): Promise<ModelAccess> {
  const opener = tokenOpener(deps)
  try {
    const [token] = opener.open(userId, [question.provider])
    if (token) {
      const target = PROVIDERS[question.provider].label
      const entry = { action: 'provider_token_opened', by: WORKER, target } as const
      const detail = `To ask about ${nameOf(question)}`
      record(deps.db, { ...entry, subject: findSubject(deps.db, userId), detail }, deps.clock)
    }
    return await askForModel(question, {
      issuers,
      token: token?.value,
      lacksGatedRead: lacksGatedRead(token?.check ?? null),
      signal,
    })
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
