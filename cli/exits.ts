/**
 * Exit codes as RunComfy's own command has them (`src/exit.rs`, after sysexits.h), and what shells expect of one
 * that was interrupted.
 */
export const EXIT = {
  ok: 0,
  /** Whatever has no number of its own. */
  failed: 1,
  /** The arguments could not be read at all. */
  arguments: 2,
  /** The arguments don't go together, or a confirmation is needed. */
  usage: 64,
  /** The server refused the input: 4xx but for those below. */
  badInput: 65,
  /** A local file is missing. */
  noFile: 66,
  /** The server failed or can't be reached: 5xx. */
  upstream: 69,
  /** Worth trying again: a timeout, 408, 429, a login that nobody authorized in time. */
  tryAgain: 75,
  /** Not signed in, or not allowed: 401, 403, a login that was denied. */
  notAllowed: 77,
  interrupted: 130,
} as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** What ends a command. The message says what is wrong and the cure, and never holds a token. */
export class CliError extends Error {
  override name = 'CliError'
  constructor(
    readonly exit: Exit,
    message: string,
    /** How long the server wants to be left alone, if it says so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message)
  }
}

/** What ends a request of which nobody knows whether the server did what it was asked: its answer was lost. */
export class LostAnswer extends CliError {}

/** What ends a command that Ctrl-C has interrupted, when there is more to say than that. */
export class Interrupted extends CliError {}

/** Whether the same may go well a little later. */
export const mayPass = (exit: number): boolean => exit === EXIT.upstream || exit === EXIT.tryAgain

/** @param status an HTTP status from 400 on */
export function exitOfStatus(status: number): Exit {
  if (status === 401 || status === 403) return EXIT.notAllowed
  if (status === 408 || status === 429) return EXIT.tryAgain
  return status >= 500 ? EXIT.upstream : EXIT.badInput
}
