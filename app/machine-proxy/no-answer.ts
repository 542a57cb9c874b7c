/** A service that gave no answer which could be passed on. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
  /** @param reason it is gone or talks no HTTP, or it says nothing */
  constructor(
    readonly reason: 'unreachable' | 'silent',
    cause?: unknown,
  ) {
    super(`The service is ${reason}.`, { cause })
  }
}
