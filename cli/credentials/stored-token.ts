import { isSendable } from './token-shape'

/** What `token.json` holds: what RunComfy's own command writes and reads, and the server. */
export interface StoredToken {
  token: string
  /** The origin of the only server that it is for; undefined when RunComfy's own command wrote the file. */
  webBase: string | undefined
  email: string | null
}

export const formatStoredToken = ({ token, webBase, email }: StoredToken): string =>
  `${JSON.stringify(
    { access_token: token, refresh_token: null, expires_at: null, user_email: email, web_base: webBase },
    null,
    2,
  )}\n`

/** @returns undefined when it is no such file's text */
export function parseStoredToken(text: string): StoredToken | undefined {
  const fields = parseObject(text)
  const token = fields?.access_token
  const webBase = fields?.web_base ?? undefined
  const email = fields?.user_email ?? null
  if (typeof token !== 'string' || !isSendable(token)) return undefined
  if (webBase !== undefined && !isOrigin(webBase)) return undefined
  return { token, webBase, email: typeof email === 'string' ? email : null }
}

function parseObject(text: string): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const isOrigin = (value: unknown): value is string =>
  typeof value === 'string' &&
  URL.canParse(value) &&
  /^https?:/.test(value) &&
  new URL(value).origin === value
