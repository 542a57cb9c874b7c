import { refusal, unauthenticated } from './answer'

const FORM = 'application/x-www-form-urlencoded'

/**
 * Reads parameters as RFC 6749 has them: of a form alone, each once; an empty one counts as absent, and others
 * than these are none of ours.
 * @throws Response the refusal
 */
export async function readForm<Name extends string>(
  request: Request,
  names: readonly Name[],
): Promise<Partial<Record<Name, string>>> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== FORM) throw refusal('invalid_request', `Send the parameters as a form: Content-Type: ${FORM}.`)
  const form = new URLSearchParams(await request.text())
  const twice = names.find((name) => form.getAll(name).length > 1)
  if (twice) throw refusal('invalid_request', `${twice}: is there more than once`)
  const given = names.map((name) => [name, form.get(name)] as const).filter(([, value]) => value)
  return Object.fromEntries(given) as Partial<Record<Name, string>>
}

/**
 * The same for what a client asks, which says who it is by `client_id` alone.
 * @throws Response the refusal, also of a secret: nobody gave the client one
 */
export async function readClientForm<Name extends string>(request: Request, names: readonly Name[]) {
  const {
    client_id: clientId,
    client_secret: secret,
    ...form
  } = await readForm(request, ['client_id', 'client_secret', ...names])
  const triesBasic = /^basic\b/i.test(request.headers.get('authorization') ?? '')
  if (triesBasic || secret)
    throw unauthenticated(request, 'Clients have no secrets here. Send client_id alone.')
  if (!clientId) throw missing('client_id')
  return { clientId, form: form as Partial<Record<Name, string>> }
}

export const missing = (name: string): Response => refusal('invalid_request', `${name}: is missing`)
