interface Cause {
  reason: string
  message: string
  field: string
}

interface Details {
  name?: string
  group?: string
  kind?: string
  causes?: Cause[]
  retryAfterSeconds?: number
}

/** What the API answers instead of an object, in the shape of k8s.io/apimachinery `api/errors`. */
export class StatusError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: Details = {},
    readonly metadata: object = {},
  ) {
    super(message)
  }

  get body() {
    const { code, reason, message, details, metadata } = this
    const told = Object.keys(details).length ? { details } : {}
    return { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason, ...told, code }
  }
}

/** What a message names: a resource by its plural, and its group. */
export interface Named {
  plural: string
  group: string
  kind: string
}

const qualified = ({ plural, group }: Named) => (group ? `${plural}.${group}` : plural)
const detailsOf = ({ plural, group }: Named, name: string): Details => ({
  name,
  ...(group && { group }),
  kind: plural,
})

export const notFound = (what: Named, name: string) =>
  new StatusError(404, 'NotFound', `${qualified(what)} "${name}" not found`, detailsOf(what, name))

export const alreadyExists = (what: Named, name: string) =>
  new StatusError(409, 'AlreadyExists', `${qualified(what)} "${name}" already exists`, detailsOf(what, name))

export const conflict = (what: Named, name: string, why: string) =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(what)} "${name}": ${why}`,
    detailsOf(what, name),
  )

export const MODIFIED_MEANWHILE =
  'the object has been modified; please apply your changes to the latest version and try again'

/** @param why as the server says it, after "is forbidden: " */
export const forbidden = (what: Named, name: string, why: string) =>
  new StatusError(
    403,
    'Forbidden',
    `${qualified(what)}${name && ` "${name}"`} is forbidden: ${why}`,
    name ? detailsOf(what, name) : { kind: what.plural },
  )

export interface Fault {
  field: string
  message: string
  reason: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueForbidden'
}

export function invalid({ kind, group }: Named, name: string, faults: readonly Fault[]): StatusError {
  const told = faults.map(({ field, message }) => `${field}: ${message}`)
  const all = told.length === 1 ? told[0] : `[${told.join(', ')}]`
  return new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${all}`, {
    name,
    ...(group && { group }),
    kind,
    causes: faults.map(({ field, message, reason }) => ({ reason, message, field })),
  })
}

export const badRequest = (message: string) => new StatusError(400, 'BadRequest', message)
export const unauthorized = () => new StatusError(401, 'Unauthorized', 'Unauthorized')
export const internal = (message: string) => new StatusError(500, 'InternalError', message)

export const tooManyRequests = (retryAfterSeconds: number) =>
  new StatusError(
    429,
    'TooManyRequests',
    'The server has received too many requests and has asked us to try again later',
    { retryAfterSeconds },
  )

/** A version that the server no longer has. */
export const expired = (message: string, metadata: object = {}) =>
  new StatusError(410, 'Expired', message, {}, metadata)
