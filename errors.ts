/** The one table of what can be refused: our code → tRPC's, which names the HTTP status. */
export const ERROR_TABLE = {
  bad_input: 'BAD_REQUEST',
  signed_out: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  gone: 'PRECONDITION_FAILED',
  rate_limited: 'TOO_MANY_REQUESTS',
  /** As many machines, or as much disk, as one may have. */
  limit_reached: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  // There is no name for HTTP's 507.
  disk_full: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
} as const

export type ErrorCode = keyof typeof ERROR_TABLE

/**
 * A refusal that a person may read. `message` says what is wrong and the cure; `field` names the input
 * it belongs to; whatever only an operator should see goes into `cause`.
 */
export class AppError extends Error {
  override name = 'AppError'
  readonly field: string | undefined
  /** Whether the same input goes through with `anyway: true`. */
  readonly mayInsist: boolean | undefined
  /** When asking again makes sense. */
  readonly retryAfterSeconds: number | undefined
  /** Everything that is wrong with the input, where the message alone would name only some of it. */
  readonly faults: readonly { field: string; message: string }[] | undefined
  constructor(
    readonly code: ErrorCode,
    message: string,
    options: {
      field?: string
      mayInsist?: boolean
      retryAfterSeconds?: number
      faults?: readonly { field: string; message: string }[]
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.field = options.field
    this.mayInsist = options.mayInsist
    this.retryAfterSeconds = options.retryAfterSeconds
    this.faults = options.faults
  }
}

/** By name: pages and server are built apart, so each has a class of its own. */
export const isAppError = (error: unknown): error is AppError =>
  error instanceof Error && error.name === 'AppError'

/** Not there and not yours are the same answer, so that nobody learns which ids exist. */
export const notFound = (what: string) => new AppError('not_found', `There is no such ${what}.`)

/** What to say when the other process wrote for longer than a request waits. */
export const DATABASE_BUSY = 'The database is busy. Try again in a moment.'

/** What to say when a write had no room. */
export const DISK_FULL =
  'The disk of the server is full, so nothing was saved. Its administrator has to make room.'

/** What to say of a fault that nobody foresaw. @param requestId under which the log explains it */
export const wentWrong = (requestId: string): string =>
  `Something went wrong on the server. Tell your administrator: the log says more under ${requestId}.`
