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
    /** For inline scripts. */
    nonce: string
    logger: Logger
  }
}
