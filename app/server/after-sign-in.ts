import { ownPath } from '../own-path'
import type { Context } from '../trpc/context'

const LIFE_SECONDS = 10 * 60
const HOME = '/machines'

/** Where a browser wanted to go when it was sent to sign in; it keeps that itself until it has. */
export const afterSignIn = ({ cookies }: Pick<Context, 'cookies'>) => ({
  /** @param path anything; only a path of Slipway's own is kept */
  remember(path: string) {
    const next = ownPath(path)
    if (next) cookies.set('next', encodeURIComponent(next), LIFE_SECONDS)
    else if (cookies.get('next')) cookies.set('next', undefined, 0)
  },

  /** @returns where to go now, and forgets it */
  take(): string {
    const kept = cookies.get('next')
    if (kept === undefined) return HOME
    cookies.set('next', undefined, 0)
    try {
      return ownPath(decodeURIComponent(kept)) ?? HOME
    } catch {
      return HOME
    }
  },
})
