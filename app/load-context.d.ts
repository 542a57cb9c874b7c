import type { Logger } from 'pino'
import type { User } from '../db/users'
import type { Api } from './trpc/router'

declare module '@remix-run/node' {
  /** What a route gets besides the request. Routes reach data through `api` alone. */
  interface AppLoadContext {
    /** The procedures, called in process as the person who asks. */
    api: Api
    /** Undefined when signed out. */
    user: User | undefined
    /** Where the browser wanted to go when it was sent to sign in. */
    afterSignIn: {
      /** @param path anything; only a path of Slipway's own is kept */
      remember(path: string): void
      /** @returns where to go now, and forgets it */
      take(): string
    }
    /** Why a provider's sign-in was refused, for the page after it. */
    signInRefusal: {
      /** @param reason a sentence for people */
      keep(reason: string): void
      /** For when a later try has gone well. */
      forget(): void
      /** @returns the sentence, also when the page is loaded again */
      read(): string | undefined
    }
    /** Of an answer that refuses until later; the header that says when is set. */
    waitStatus(): number | undefined
    /** For inline scripts. */
    nonce: string
    /** Where this server is reached, without a slash at its end. */
    publicUrl: string
    requestId: string
    logger: Logger
  }
}
