const LENGTH_MAX = 500
/** Going there after signing in would only lead back, or out again. */
const NO_DESTINATION = /^\/sign-(in|out)(\/|$)/

/**
 * A path of Slipway's own to go to after signing in. What a browser might read as another site, in any
 * spelling, is none: a link to the sign-in page must not lead anybody astray.
 * @param text from an address or a cookie, decoded once
 */
export function ownPath(text: string | null | undefined): string | undefined {
  if (!text || text.length > LENGTH_MAX || /[\p{Cc}\p{Zs}\\]/u.test(text)) return undefined
  const [path = ''] = text.split(/[?#]/, 1)
  const spellings = [path, decoded(path)]
  return spellings.every((one) => one && isPath(one)) ? text : undefined
}

const isPath = (path: string) =>
  path.startsWith('/') && !/\/\/|\\|\p{Cc}|(^|\/)\.{1,2}(\/|$)/u.test(path) && !NO_DESTINATION.test(path)

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** Where somebody who is signed out goes from a page, to come back to it signed in. */
export function signInPath({ url }: Request): string {
  const { pathname, search } = new URL(url)
  const next = ownPath(pathname + search)
  return next && next !== '/' ? `/sign-in?${new URLSearchParams({ next })}` : '/sign-in'
}
