/** @returns the value of one cookie of a Cookie header */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, ...value] = part.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}

interface CookieOptions {
  maxAgeSeconds: number
  secure: boolean
}

/** Without a Domain, so that only the very host that set it gets it back. */
export const hostCookie = (name: string, value: string, { maxAgeSeconds, secure }: CookieOptions): string =>
  [
    `${name}=${value}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
  ].join('; ')

/** Browsers hold a `__Host-` cookie to its host, whatever other hosts of the domain try. */
export const cookieName = (
  name: 'session' | 'sign_in' | 'oidc' | 'next' | 'refusal' | 'guide' | 'machine',
  secure: boolean,
) => `${secure ? '__Host-' : ''}slipway_${name}`

/** Every cookie of Slipway's own, on any host. */
export const isOwnCookie = (name: string) => /^(__Host-)?slipway_/i.test(name)
