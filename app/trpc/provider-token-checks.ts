import { type Actor, record } from '../../db/audit'
import { modelCheckResult, requestModelCheck } from '../../db/model-checks'
import { requestTokenCheck } from '../../db/token-checks'
import { isAnyWorkerAlive } from '../../db/workers'
import { AppError } from '../../errors'
import type { ModelAccess } from '../../providers/model-access'
import { nameOf, parseModelQuestion } from '../../providers/models/question'
import { Refusal } from '../../providers/refusal'
import { PROVIDERS, type ProviderId } from '../../providers/registry'
import { awaitAnswer } from './await-answer'
import type { Context } from './context'
import { type CheckView, checkView, minuteAfter } from './provider-token-view'
import { quietUntil, savedToken } from './saved-token'

/**
 * What only a worker can find out, since it alone opens saved tokens: the question is written down, a job
 * wakes a worker, and its answer is awaited for as long as a person would.
 */

const NO_WORKER = 'No worker is running on this server, so that nobody can ask. An operator can start one.'
const LATER = 'There is no answer yet; it is still being asked. Look again in a minute.'
const SWITCHED_OFF = 'Checks are off on this server.'
const leftAlone = (provider: ProviderId, until: number) =>
  `${PROVIDERS[provider].label} wants to be left alone until ${minuteAfter(until)}.`

type AskingContext = Context & { by: Actor }

interface TokenAnswer {
  check: CheckView | null
  /** Why `check` is not new. */
  message: string | null
}

/** @throws AppError `conflict` when nothing is saved */
export async function askAboutToken(
  ctx: AskingContext,
  userId: string,
  provider: ProviderId,
  signal: AbortSignal | undefined,
): Promise<TokenAnswer> {
  const { db, clock } = ctx
  const { label } = PROVIDERS[provider]
  const read = () => savedToken(ctx, userId, provider)
  const before = read()
  if (!before)
    throw new AppError(
      'conflict',
      `No ${label} token is saved, so there is nothing to check. Save one first.`,
    )
  const unchanged = (message: string) => ({ check: checkView(before, clock()), message })
  if (!ctx.issuers) return unchanged(SWITCHED_OFF)
  const mayAsk = requestTokenCheck(db, { userId, provider }, clock, ctx.by) ?? 0
  if (mayAsk > clock()) return unchanged(leftAlone(provider, mayAsk))
  await ctx.queue.add({ job: 'check-token', userId, provider })
  if (!isAnyWorkerAlive(db, clock)) return unchanged(NO_WORKER)
  const after = await awaitAnswer(
    () => {
      const now = read()
      const isAnswered = now?.checkedAt !== before.checkedAt || now?.fingerprint !== before.fingerprint
      return isAnswered ? { check: now ? checkView(now, clock()) : null, message: null } : undefined
    },
    { signal },
  )
  return after ?? unchanged(LATER)
}

/** `about` names the model as it was understood. */
type ModelAnswer = { about: string } & (ModelAccess | { state: 'not_checked'; message: string })

/**
 * @param pasted what somebody pasted; what of it is no part of a model's address is dropped here
 * @throws AppError `bad_input` on `model`
 */
export async function askAboutModel(
  ctx: AskingContext,
  { userId, provider, pasted }: { userId: string; provider: ProviderId; pasted: string },
  signal: AbortSignal | undefined,
): Promise<ModelAnswer> {
  const { db, clock, issuers } = ctx
  if (!issuers) return { about: '', state: 'not_checked', message: SWITCHED_OFF }
  const question = readQuestion(provider, pasted, issuers.settings)
  const about = nameOf(question)
  const until = quietUntil(savedToken(ctx, userId, provider))
  if (until > clock()) return { about, state: 'not_checked', message: leftAlone(provider, until) }
  if (!isAnyWorkerAlive(db, clock)) return { about, state: 'not_checked', message: NO_WORKER }
  const id = requestModelCheck(db, userId, question, clock)
  const target = PROVIDERS[provider].label
  record(db, { action: 'model_check_requested', by: ctx.by, target, detail: about }, clock)
  await ctx.queue.add({ job: 'check-model', id })
  const access = await awaitAnswer(() => modelCheckResult(db, userId, id), { signal })
  return { about, ...(access ?? { state: 'not_checked', message: LATER }) }
}

function readQuestion(...given: Parameters<typeof parseModelQuestion>) {
  try {
    return parseModelQuestion(...given)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new AppError('bad_input', error.message, { field: 'model' })
  }
}
