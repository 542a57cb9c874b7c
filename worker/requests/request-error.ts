import { REQUEST_ERRORS, type RequestErrorClass } from '../../request-errors'

/** A failure with a class of `request-errors.ts`. */
export class RequestError extends Error {
  override name = 'RequestError'
  /**
   * @param detail for the log and administrators; never holds a secret
   * @param said a sentence for the caller that says more than the table's
   */
  constructor(
    readonly errorClass: RequestErrorClass,
    readonly detail: string,
    readonly said: string = REQUEST_ERRORS[errorClass].message,
  ) {
    super(`${errorClass}: ${detail}`)
  }

  get isPassing(): boolean {
    return 'isPassing' in REQUEST_ERRORS[this.errorClass]
  }
}
