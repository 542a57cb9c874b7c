const SECRET_PARAMETERS = /token|ticket|code|secret|key|signature|password|auth/i
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']

/** For people who look at what is asked: without the values that open something. */
export function redactedUrl(given: string): string {
  const url = new URL(given)
  for (const name of [...url.searchParams.keys()])
    if (SECRET_PARAMETERS.test(name)) url.searchParams.set(name, '[redacted]')
  url.username = ''
  url.password = ''
  return url.href
}

export const redactedHeaders = (headers: Iterable<[string, string]>): string[] =>
  [...headers].map(([name, value]) => `${name}: ${SECRET_HEADERS.includes(name) ? '[redacted]' : value}`)
