import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider'
import { listen } from './listen'

/** Who signs in there; undefined claims are not given. */
export interface Person {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
}

interface ProviderOptions {
  /** Where it sends browsers back to; may be said later. */
  redirectUri?: string
  /** Without one it is a public client. */
  clientSecret?: string
  /** Whether what it knows of a person stands in the ID token or has to be asked for. */
  claimsIn?: 'id-token' | 'userinfo'
}

/** What it does in place of answering on a path. */
export type OidcFault = { path: string; how: 'drop' | 'hang' | 500 }

export const CLIENT_ID = 'slipway'

/** A real OpenID provider on loopback, in which whoever visits signs in as the person that was named. */
export async function startOidcProvider({ redirectUri, clientSecret, claimsIn }: ProviderOptions) {
  let fault: OidcFault | undefined
  let visitor: Person | undefined
  const people = new Map<string, Person>()
  const requests: string[] = []
  const store = memory()
  let callback: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
  const server = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://provider')
    requests.push(`${request.method} ${pathname}`)
    if (fault && pathname.startsWith(fault.path)) {
      if (fault.how === 'drop') request.socket.destroy()
      if (fault.how === 500) response.writeHead(500, { 'Content-Type': 'text/html' }).end('<h1>Oops</h1>')
      return
    }
    if (pathname.startsWith('/interaction/')) finishInteraction(request, response).catch(() => response.end())
    else callback(request, response)
  })

  const provider: Provider = new Provider(server.url, {
    ...configurationOf(claimsIn),
    adapter: store,
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...people.get(sub), sub }) }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId: CLIENT_ID, accountId: oidc.session?.accountId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  callback = provider.callback()

  const sendBackTo = (uri: string) =>
    store('Client').upsert(CLIENT_ID, {
      client_id: CLIENT_ID,
      redirect_uris: [uri],
      ...(clientSecret
        ? { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post' }
        : { token_endpoint_auth_method: 'none' }),
    } as AdapterPayload)
  if (redirectUri) await sendBackTo(redirectUri)

  function finishInteraction(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const result = visitor
      ? { login: { accountId: visitor.sub } }
      : { error: 'access_denied', error_description: 'CANARYdescription' }
    return provider.interactionFinished(request, response, result)
  }

  return {
    issuer: server.url,
    requests,
    sendBackTo,
    /** Who signs in from now on; undefined says no. */
    isVisitedBy: (person: Person | undefined) => {
      visitor = person
      if (person) people.set(person.sub, person)
    },
    misbehave: (next: OidcFault | undefined) => {
      fault = next
    },

    /**
     * Does what a browser does from the first redirect to the last.
     * @param person who signs in; undefined says no
     * @returns where the browser is sent back to
     */
    async visit(from: URL, person: Person | undefined): Promise<URL> {
      this.isVisitedBy(person)
      const jar = new Map<string, string>()
      let url = from
      while (url.origin === server.url) {
        const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
        const { status, headers } = await fetch(url, { redirect: 'manual', headers: { cookie } })
        for (const set of headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
          jar.set(name, value)
        }
        const location = headers.get('location')
        if (!location) throw new Error(`The provider answered ${status} to ${url.pathname}.`)
        url = new URL(location, url)
      }
      return url
    },

    close: server.close,
  }
}

function configurationOf(claimsIn: ProviderOptions['claimsIn']): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: claimsIn === 'userinfo',
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  }
}

/** A store of its own for each provider; its entries outlive no test. */
function memory(): (model: string) => Adapter {
  const entries = new Map<string, AdapterPayload>()
  const findBy = (test: (entry: AdapterPayload) => boolean) => [...entries.values()].find(test)
  return (model) => ({
    upsert: async (id, payload) => void entries.set(`${model}:${id}`, payload),
    find: async (id) => entries.get(`${model}:${id}`),
    findByUid: async (uid) => findBy((entry) => entry.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const entry = entries.get(`${model}:${id}`)
      if (entry) entry.consumed = Math.floor(Date.now() / 1000)
    },
    destroy: async (id) => void entries.delete(`${model}:${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, entry] of entries) if (entry.grantId === grantId) entries.delete(key)
    },
  })
}
