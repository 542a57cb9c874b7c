/** Every way in which an issuer doesn't give a model, or can't be asked for it. */
export type ModelRefusalCode =
  | 'token_missing'
  | 'token_refused'
  | 'terms_not_accepted'
  | 'token_lacks_gated_read'
  | 'not_found_or_private'
  | 'revision_or_file_missing'
  | 'early_access'
  | 'creator_disabled'
  | 'archived'
  | 'rate_limited'
  | 'html_instead_of_file'
  | 'host_not_allowed'
  | 'network'
  | 'bad_url'
  | 'canceled'

export interface Link {
  href: string
  label: string
}

/** A no that a person can act on: what is wrong and the cure, and a link where there is a page for it. */
export class Refusal<Code extends string = ModelRefusalCode> extends Error {
  override name = 'Refusal'
  /** Whether the very same may work in a moment: a connection that broke off, a server that is overloaded. */
  transient = false

  constructor(
    readonly code: Code,
    message: string,
    readonly link?: Link,
    /** When asking again may help, where the issuer says so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message)
  }
}

/** Marks a refusal as one that may be over in a moment. */
export const inAMoment = <Code extends string>(refusal: Refusal<Code>): Refusal<Code> =>
  Object.assign(refusal, { transient: true })
