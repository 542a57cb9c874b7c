import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { inAMoment, Refusal } from '../refusal'
import type { ProviderId } from '../registry'
import { isPublicAddress } from './addresses'
import { checkHop, mayHoldToken, mayPassToken } from './hosts'

const HOPS_MAX = 5
const CONNECT_TIMEOUT_MS = 15_000
const IDLE_TIMEOUT_MS = 60_000

/** Reaches issuers and their storage, and nothing else unless it was opened for that. */
export interface Network {
  /** @throws Refusal when it can't be reached or may not be */
  open(call: Call): Promise<Answer>
  /** What to throw for what went wrong while an answer was read. */
  explain(error: unknown, answer: Answer): Error
  close(): Promise<void>
}

export interface Call {
  method: 'GET' | 'HEAD'
  url: string
  /** Null: a host that the operator vouches for. */
  provider: ProviderId | null
  /** Sent to the provider's own hosts alone. */
  token: string | undefined
  /** `relative`: a redirect to another host is the answer, not a way to go; `none`: so is any redirect. */
  follow: 'none' | 'relative' | 'all'
  /** Of the file, as the Range header puts it. */
  range?: string
  /** The strong tag that the range belongs to, in its quotes: if the file has another one by now, all of it comes. */
  ifRange?: string
  /** Further ones, in lower case, for this address alone: what redirects elsewhere doesn’t pass them on. */
  headers?: Record<string, string>
  signal: AbortSignal
}

export interface Answer {
  status: number
  /** Where the answer came from in the end. */
  url: URL
  header(name: string): string | undefined
  body: Readable
}

interface NetworkOptions {
  /** Hosts that the operator vouches for. */
  trustedHosts: string[]
  userAgent: string
  /** What a sentence calls the side that asks: “This machine”. */
  here: string
  /** Whether it reaches every host of the public internet, by https. */
  anyPublicHost?: boolean
  /** Resolves the names of all other hosts. */
  lookUp?: typeof lookup
}

export function createNetwork({
  trustedHosts,
  userAgent,
  here,
  anyPublicHost = false,
  lookUp = lookup,
}: NetworkOptions): Network {
  let opened: ReturnType<typeof openConnections> | undefined
  let isClosed = false
  const connections = () => {
    if (isClosed) throw new Refusal('canceled', 'The download was canceled.')
    opened ??= openConnections(lookUp).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }

  async function open(call: Call): Promise<Answer> {
    const { method, url: start, provider, token, follow, range, ifRange, headers, signal } = call
    let url = new URL(start)
    let authorization = token && mayHoldToken(url, provider, trustedHosts) ? `Bearer ${token}` : undefined
    let further = headers
    for (let hop = 0; hop <= HOPS_MAX; hop++) {
      const { trusted } = checkHop(url, provider, trustedHosts, anyPublicHost)
      const { request, anywhere, publicOnly } = await connections()
      const answer = await send(request, url, here, {
        method,
        dispatcher: trusted ? anywhere : publicOnly,
        headers: {
          'user-agent': userAgent,
          'accept-encoding': 'identity',
          ...further,
          ...(authorization && { authorization }),
          ...(range && { range }),
          ...(range && ifRange && { 'if-range': ifRange }),
        },
        signal,
      })
      const location = answer.header('location')
      const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined
      if (!isRedirect || follow === 'none' || (follow === 'relative' && isAbsolute(location))) return answer
      answer.body.destroy()
      if (!URL.canParse(location, url)) break
      const next = new URL(location, url)
      // The signed address of another host carries its own right; the token is the issuer's alone, also on the way back.
      if (!mayPassToken(url, next, provider)) authorization = undefined
      if (next.origin !== url.origin) further = undefined
      url = next
    }
    throw new Refusal('network', `${new URL(start).host} redirects in circles. Try again later.`)
  }

  return {
    open,
    explain: (error, { url }) => explainNetwork(error, url, here),
    async close() {
      isClosed = true
      const { anywhere, publicOnly } = (await opened?.catch(() => undefined)) ?? {}
      await Promise.all([anywhere?.destroy(), publicOnly?.destroy()])
    },
  }
}

/** Begun by the first request: what it is made of would be a tenth of the time that a machine's services start in. */
async function openConnections(lookUp: typeof lookup) {
  const { Agent, request } = await import('undici')
  const limits = { headersTimeout: IDLE_TIMEOUT_MS, bodyTimeout: IDLE_TIMEOUT_MS }
  return {
    request,
    anywhere: new Agent({ ...limits, connect: { timeout: CONNECT_TIMEOUT_MS } }),
    publicOnly: new Agent({
      ...limits,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: publicLookup(lookUp) },
    }),
  }
}

async function send(
  request: Awaited<ReturnType<typeof openConnections>>['request'],
  url: URL,
  here: string,
  options: { dispatcher: Dispatcher } & Record<string, unknown>,
): Promise<Answer> {
  try {
    const { statusCode, headers, body } = await request(url, options)
    // Destroying a body that nobody reads is no failure of anyone's.
    body.on('error', () => {})
    return { status: statusCode, url, header: (name) => [headers[name]].flat()[0], body }
  } catch (error) {
    throw explainNetwork(error, url, here)
  }
}

/** Resolves a name and refuses it if any of its addresses is not public; so a name can't be rebound between check and use. */
function publicLookup(lookUp: typeof lookup): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, [])
      if (!addresses.every(({ address }) => isPublicAddress(address)))
        return callback(Object.assign(new Error('not a public address'), { code: 'ENOTPUBLIC' }), [])
      if (options.all) return callback(null, addresses)
      const [first] = addresses
      callback(null, first?.address ?? '', first?.family)
    })
  }
}

const isAbsolute = (location: string) => /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(location)

/** The sentence for what went wrong on the way; never the address itself, which may be signed. */
function explainNetwork(error: unknown, { host }: URL, here: string): Error {
  if (error instanceof Refusal) return error
  const { code, name } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return new Refusal('canceled', 'The download was canceled.')
  if (code === 'ENOTPUBLIC')
    return new Refusal('host_not_allowed', `${host} has a private address, which downloads may not reach.`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return inAMoment(new Refusal('network', `${here} can’t find ${host}. Check its network, then try again.`))
  if (name === 'TimeoutError' || String(code).endsWith('_TIMEOUT'))
    return inAMoment(new Refusal('network', `${host} stopped answering. Try again in a while.`))
  return inAMoment(
    new Refusal('network', `The connection to ${host} broke off (${code ?? name}). Try again.`),
  )
}
