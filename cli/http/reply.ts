import type { IncomingMessage } from 'node:http'

/** What an answer's body ended with that was to go on. */
export const CUT_SHORT = 'ANSWER_CUT_SHORT'

export type ReplyHeaders = Pick<Headers, 'get' | 'getSetCookie'> & Iterable<[string, string]>

/** What commands use of an answer; fetch's own `Response` is one too. */
export type Reply = Pick<Response, 'status' | 'ok' | 'url' | 'redirected' | 'body' | 'text' | 'json'> & {
  headers: ReplyHeaders
}

/** As much of fetch as commands use. */
export type Fetch = (
  input: string | URL,
  init?: {
    method?: string
    headers?: Record<string, string>
    body?: string | URLSearchParams
    signal?: AbortSignal | null
  },
) => Promise<Reply>

/**
 * An answer of `node:http`. Node's own Response would read in all of its fetch, which takes longer than most commands.
 * @param signal that the request was sent with: when it has ended the body, its reason says why
 */
export class NodeReply implements Reply {
  readonly status: number
  readonly headers: ReplyHeaders
  /** None is followed. */
  readonly redirected = false
  #body: Reply['body'] = null

  constructor(
    private readonly answer: IncomingMessage,
    readonly url: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.status = answer.statusCode ?? 502
    this.headers = headersOf(answer)
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#body ??= this.#stream()
    return this.#body
  }

  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const pieces = this.#pieces()
    const pull = async (controller: ReadableStreamDefaultController) => {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(value)
    }
    // What waits for the next piece would not end with the pieces alone.
    return new ReadableStream({ pull, cancel: () => void this.answer.destroy() }, { highWaterMark: 0 })
  }

  async *#pieces() {
    try {
      yield* this.answer as AsyncIterable<Buffer>
    } catch (error) {
      this.signal?.throwIfAborted()
      throw Object.assign(new TypeError('terminated', { cause: error }), { code: CUT_SHORT })
    }
    // What had come when it was ended is thrown away, and the body ends as if it were whole.
    this.signal?.throwIfAborted()
  }

  async text(): Promise<string> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const bytes of this.#pieces()) text += decoder.decode(bytes, { stream: true })
    return text + decoder.decode()
  }

  async json() {
    return JSON.parse(await this.text())
  }
}

function headersOf({ headersDistinct }: IncomingMessage): ReplyHeaders {
  const values = new Map(Object.entries(headersDistinct).map(([name, all = []]) => [name, all]))
  return {
    get: (name) => values.get(name.toLowerCase())?.join(', ') ?? null,
    getSetCookie: () => values.get('set-cookie') ?? [],
    *[Symbol.iterator]() {
      for (const [name, all] of values) yield [name, all.join(', ')] as [string, string]
    },
  }
}
