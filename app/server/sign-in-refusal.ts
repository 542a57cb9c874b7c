import type { Context } from '../trpc/context'

const LIFE_SECONDS = 10 * 60

/** Why a sign-in was refused, kept by the browser until the page that says so: no address shows or repeats it. */
export const signInRefusal = ({ cookies }: Pick<Context, 'cookies'>) => ({
  /** @param reason a sentence for people */
  keep: (reason: string) => cookies.set('refusal', encodeURIComponent(reason), LIFE_SECONDS),

  /** For when a later try has gone well. */
  forget() {
    if (cookies.get('refusal')) cookies.set('refusal', undefined, 0)
  },

  /** @returns the sentence, also when the page is loaded again */
  read(): string | undefined {
    try {
      return decodeURIComponent(cookies.get('refusal') ?? '') || undefined
    } catch {
      return undefined
    }
  },
})
