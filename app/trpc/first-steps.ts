import { firstStepsTaken } from '../../db/first-steps'
import type { Context } from './context'

/** As long as browsers keep a cookie. */
const HIDDEN_FOR_SECONDS = 400 * 24 * 60 * 60

/** From an account to a model in a machine: each step, and whether it is done. */
export function firstStepsFor({ db, issuers }: Pick<Context, 'db' | 'issuers'>, userId: string) {
  const { savedToken, hasGoodToken, hasRun, hasDownloaded } = firstStepsTaken(db, userId)
  const steps = [
    { step: 'save-token' as const, isDone: savedToken !== null },
    // Where issuers are never asked, nobody could take it.
    ...(issuers ? [{ step: 'check-token' as const, isDone: hasGoodToken }] : []),
    { step: 'launch' as const, isDone: hasRun },
    { step: 'download' as const, isDone: hasDownloaded },
  ]
  return {
    steps,
    isDone: steps.every(({ isDone }) => isDone),
    /** Whose token there is to check. */
    savedToken,
  }
}

// The browser keeps it, and by whom it is used, so that hiding them for one hides them for nobody else.
export const hidesFirstSteps = ({ cookies }: Pick<Context, 'cookies'>, userId: string): boolean =>
  cookies.get('guide') === userId

export const hideFirstSteps = ({ cookies }: Pick<Context, 'cookies'>, userId: string, isHidden: boolean) =>
  cookies.set('guide', isHidden ? userId : undefined, HIDDEN_FOR_SECONDS)
