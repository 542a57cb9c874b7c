import { type Dispatcher, request, upgrade } from 'undici'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface Ask {
  method?: Dispatcher.HttpMethod
  /** `undefined` takes out a header that would be sent otherwise. */
  headers?: Record<string, string | undefined>
  body?: string | Buffer
}

/** A browser as the server sees it: a cookie, its own Origin with whatever changes something, no redirects. */
export class Visitor {
  constructor(
    private readonly site: { origin: string; dispatcher: Dispatcher },
    readonly cookie?: string,
    /** The Authorization header, for who isn't a browser. */
    readonly authorization?: string,
  ) {}

  /** Asks and leaves reading the body to the caller. @param target path of the site, or a whole address */
  stream(target: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Dispatcher.ResponseData> {
    const url = new URL(target, this.site.origin)
    const sent = {
      host: url.host,
      cookie: this.cookie,
      authorization: this.authorization,
      origin: method === 'GET' || method === 'HEAD' || this.authorization ? undefined : url.origin,
      ...headers,
    }
    url.protocol = 'http:'
    const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined))
    return request(url, { dispatcher: this.site.dispatcher, method, headers: given, body })
  }

  async ask(target: string, ask: Ask = {}): Promise<Answer> {
    const { statusCode, headers, body } = await this.stream(target, ask)
    return { status: statusCode, headers, text: await body.text() }
  }

  /** Opens a websocket as far as the first answer. */
  async handshake(target: string): Promise<{ headers: Answer['headers'] }> {
    const { host, origin, pathname } = new URL(target)
    const { headers, socket } = await upgrade(new URL(pathname, origin), {
      dispatcher: this.site.dispatcher,
      protocol: 'websocket',
      headers: {
        host,
        origin,
        cookie: this.cookie ?? '',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    })
    socket.destroy()
    return { headers }
  }

  get = (target: string, headers?: Ask['headers']) => this.ask(target, { headers })

  /** Sends a form. */
  submit = (target: string, fields: Record<string, string> = {}, headers: Ask['headers'] = {}) =>
    this.ask(target, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    })

  query = (procedure: string, input?: unknown, headers?: Ask['headers']) =>
    this.ask(`/trpc/${procedure}${inputQuery(input)}`, { headers })

  mutate = (procedure: string, input?: unknown, headers: Ask['headers'] = {}) =>
    this.ask(`/trpc/${procedure}`, mutation(input, headers))

  /** Calls a procedure and waits for the head of its answer only: a subscription's body has no end. */
  begin = (procedure: string, type: 'query' | 'mutation' | 'subscription', input?: unknown) =>
    type === 'mutation'
      ? this.stream(`/trpc/${procedure}`, mutation(input))
      : this.stream(`/trpc/${procedure}${inputQuery(input)}`)

  /** Calls a procedure of whatever kind as its client would. */
  call = (procedure: string, type: 'query' | 'mutation' | 'subscription', input?: unknown) =>
    type === 'mutation' ? this.mutate(procedure, input) : this.query(procedure, input)
}

const mutation = (input: unknown, headers: Ask['headers'] = {}): Ask => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(input ?? {}),
})

export const inputQuery = (input: unknown) =>
  input === undefined ? '' : `?${new URLSearchParams({ input: JSON.stringify(input) })}`

/** @returns what a procedure answered */
export const dataOf = <T>({ text }: Answer): T => JSON.parse(text).result.data

interface Refusal {
  message: string
  data: { code: string; httpStatus: number; field?: string }
}

/** @returns why a procedure refused, also when it is a subscription and says so in its stream */
export function refusalOf({ text }: Answer): Refusal {
  const [, streamed] = /^event: serialized-error\ndata: (.*)$/m.exec(text) ?? []
  return streamed ? JSON.parse(streamed) : JSON.parse(text).error
}

/** @returns the cookie that an answer sets, as the browser sends it back */
export function cookieOf({ headers }: Answer): string {
  const [cookie] = [headers['set-cookie']].flat()
  if (!cookie) throw new Error('The answer sets no cookie.')
  return cookie.split(';', 1)[0] as string
}
