import type { RefusalView, SessionView } from '../contract'

/** A refusal of the server, or a lost connection as one. */
export class ApiError extends Error {
  constructor(readonly refusal: Omit<RefusalView, 'code'> & { code: string }) {
    super(refusal.message)
  }
}

const LOST = {
  code: 'lost',
  message: 'The machine doesn’t answer. It may have been stopped; look at its page.',
}

export const api = {
  session: () => call<SessionView>('GET', 'session'),
}

/** @param signal tells a question that was called off from a lost connection */
const failure = (signal?: AbortSignal) => () => {
  throw new ApiError(signal?.aborted ? { code: 'canceled', message: 'Canceled.' } : LOST)
}

/**
 * Asks the server.
 * @param path below `api/`
 * @param body sent as JSON, but for a file, which is sent as it is
 * @throws ApiError a refusal of the server, a lost connection, or `canceled` once the signal says so
 */
export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const fail = failure(signal)
  const isFile = body instanceof Blob
  const answer = await fetch(`api/${path}`, {
    method,
    headers: body && !isFile ? { 'Content-Type': 'application/json' } : {},
    body: isFile || body === undefined ? body : JSON.stringify(body),
    signal,
  }).catch(fail)
  const text = await answer.text().catch(fail)
  if (!answer.ok) throw asError(text)
  return (text ? JSON.parse(text) : undefined) as T
}

/** What stands between us and the machine answers in its own way when the machine is gone. */
export function asError(text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as { error?: RefusalView }
    return new ApiError(error?.message ? error : LOST)
  } catch {
    return new ApiError(LOST)
  }
}
