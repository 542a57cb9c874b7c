import * as client from 'openid-client'
import type { Logger } from 'pino'
import { hashSecret } from '../../db/secrets'
import type { Identity } from '../../db/sign-in'
import { emailAddress } from '../../email-address'
import { notFound } from '../../errors'
import type { OidcProvider } from '../../sign-in-settings'
import { readableRefusal, staleAnswer } from './oidc-refusals'

const NAME_MAX = 100

interface OidcSettings {
  providers: readonly OidcProvider[]
  /** Origin under which browsers reach Slipway. */
  publicUrl: string
  logger: Logger
  /** For each request to a provider. */
  limitSeconds?: number
}

/**
 * Sign-in with OpenID Connect: authorization code with PKCE, state and nonce. These three follow from one
 * random secret that only the browser keeps, so that nothing has to be kept here between the two steps.
 * Both throw AppErrors that say what to do, and log the reason.
 */
export function openOidc({ providers, publicUrl, logger, limitSeconds = 10 }: OidcSettings) {
  const configurations = new Map<string, Promise<client.Configuration>>()

  function find(id: string): OidcProvider {
    const provider = providers.find((one) => one.id === id)
    if (!provider) throw notFound('provider')
    return provider
  }

  /** Discovered when first needed and again after a failure: a provider that is down delays no start. */
  function configurationOf(provider: OidcProvider): Promise<client.Configuration> {
    const known = configurations.get(provider.id)
    if (known) return known
    const found = discover(provider, limitSeconds)
    configurations.set(provider.id, found)
    found.catch(() => configurations.delete(provider.id))
    return found
  }

  async function readably<T>(provider: OidcProvider, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw readableRefusal(error, provider, logger)
    }
  }

  return {
    providers: providers.map(({ id, label }) => ({ id, label })),

    /**
     * @param as whether the provider has to ask who it is, instead of taking whom it knows
     * @returns where to send the browser that keeps the secret
     */
    begin(id: string, browserSecret: string, { asAnother = false } = {}): Promise<URL> {
      const provider = find(id)
      return readably(provider, async () => {
        const { state, nonce, verifier } = checksOf(provider, browserSecret)
        return client.buildAuthorizationUrl(await configurationOf(provider), {
          redirect_uri: redirectUri(publicUrl, id).href,
          scope: 'openid email profile',
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
          ...(asAnother && { prompt: 'login' }),
        })
      })
    },

    /** @param answer where the provider sent the browser back to; only its query counts */
    async finish(id: string, browserSecret: string, answer: URL): Promise<Identity> {
      const provider = find(id)
      const { state, nonce, verifier } = checksOf(provider, browserSecret)
      if (answer.searchParams.get('state') !== state) throw staleAnswer()
      const callback = redirectUri(publicUrl, id)
      callback.search = answer.search
      return readably(provider, async () => {
        const configuration = await configurationOf(provider)
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }
        return identityOf(configuration, await client.authorizationCodeGrant(configuration, callback, checks))
      })
    },
  }
}

/** From the settings, never from the request: a code is sent nowhere else. */
const redirectUri = (publicUrl: string, id: string) => new URL(`/sign-in/with/${id}/callback`, publicUrl)

/** With the provider in them, so that an answer to one is none to another. */
function checksOf({ id }: OidcProvider, browserSecret: string) {
  const secret = `${id}:${browserSecret}`
  return {
    state: hashSecret('oidc-state', secret),
    nonce: hashSecret('oidc-nonce', secret),
    verifier: hashSecret('oidc-verifier', secret),
  }
}

function discover({ issuer, clientId, clientSecret }: OidcProvider, limitSeconds: number) {
  const url = new URL(issuer)
  return client.discovery(url, clientId, undefined, authentication(clientSecret), {
    timeout: limitSeconds,
    execute: [
      client.enableNonRepudiationChecks,
      ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : []),
    ],
  })
}

/** In the body where the provider takes it there, which leaves nothing to disagree about in its encoding. */
function authentication(clientSecret: string | undefined): client.ClientAuth {
  if (!clientSecret) return client.None()
  const [inBody, inHeader] = [client.ClientSecretPost(clientSecret), client.ClientSecretBasic(clientSecret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported
    const authenticate = methods?.includes('client_secret_post') ? inBody : inHeader
    authenticate(server, ...rest)
  }
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>

/** The address comes with the ID token or, at some providers, only when it is asked for. */
async function identityOf(configuration: client.Configuration, tokens: Tokens): Promise<Identity> {
  const claims = tokens.claims()
  if (!claims) throw new Error('The answer has no ID token.')
  const hasMore = claims.email === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
  const profile = hasMore
    ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
    : claims
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: emailAddress.safeParse(profile.email).data ?? null,
    // Some providers write it as text.
    emailVerified: String(profile.email_verified) === 'true',
    name: typeof profile.name === 'string' ? profile.name.trim().slice(0, NAME_MAX) || null : null,
  }
}
