import type { Site } from './site'
import type { Answer, Ask } from './visitor'

/** A visitor whose cookies change with the answers that it gets, as in a browser. */
export function openBrowser({ visitor }: Pick<Site, 'visitor'>) {
  const cookies = new Map<string, string>()
  const ask = async (target: string, ask?: Ask): Promise<Answer> => {
    const header = [...cookies].map((pair) => pair.join('=')).join('; ')
    const answer = await visitor(header || undefined).ask(target, ask)
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = '', rest = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(cookie) ?? []
      if (/Max-Age=0\b/.test(rest)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    cookies,
    ask,
    get: (target: string) => ask(target),
    submit: (target: string, fields: Record<string, string> = {}, headers: Ask['headers'] = {}) =>
      ask(target, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
    isSignedIn: async () => (await ask('/trpc/account.me')).status === 200,
  }
}

export type Browser = ReturnType<typeof openBrowser>
