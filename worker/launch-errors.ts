import type { LaunchFailure } from '../db/launch-attempts'
import { LAUNCH_ERRORS, type LaunchErrorClass } from '../launch-errors'

/** A failure with its class; `detail` is for the administrator and holds no secret. */
export class LaunchError extends Error {
  override name = 'LaunchError'
  constructor(
    readonly errorClass: LaunchErrorClass,
    readonly detail: string,
  ) {
    super(errorClass)
  }

  /** Whether to try again before the launch has failed. */
  get retryable(): boolean {
    return LAUNCH_ERRORS[this.errorClass].retry === 'by_itself'
  }

  get failure(): LaunchFailure {
    return {
      errorClass: this.errorClass,
      message: LAUNCH_ERRORS[this.errorClass].message,
      detail: this.detail,
    }
  }
}

/** @param error whatever was thrown on the way; what nobody foresaw is `internal` */
export const asLaunchError = (error: unknown): LaunchError =>
  error instanceof LaunchError
    ? error
    : new LaunchError('internal', error instanceof Error ? `${error.name}: ${error.message}` : String(error))
