import type { Reply, ReplyHeaders } from './reply'

/** What a server said, read to its end. */
export interface Answer {
  status: number
  headers: ReplyHeaders
  /** Undefined when it was no JSON. */
  body: unknown
}

/** @throws what fetch throws when the connection ends half-way */
export async function readAnswer(response: Reply): Promise<Answer> {
  const { status, headers } = response
  const text = await response.text()
  try {
    return { status, headers, body: JSON.parse(text) }
  } catch {
    return { status, headers, body: undefined }
  }
}

/** One field of a body; undefined when it has none of that name, or is no object. */
export const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined

export const textOf = (body: unknown, name: string): string | undefined => {
  const value = fieldOf(body, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** @returns seconds, whichever of its two forms was sent; undefined without one */
export function retryAfterOf(
  headers: Pick<ReplyHeaders, 'get'> | undefined,
  now: number,
): number | undefined {
  const given = headers?.get('retry-after')?.trim()
  if (!given) return undefined
  if (/^\d{1,9}$/.test(given)) return Number(given)
  const at = Date.parse(given)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}
