import * as z from 'zod'
import { parseEnvironment } from './parse-environment'

/** A program that may ask people to let it in. It is public: it has no secret. */
export interface OAuthClient {
  id: string
  /** What people read when it asks. */
  name: string
}

/** A server beside this one that may ask whose a token is. */
export interface ResourceServer {
  id: string
  secret: string
}

export interface OAuthSettings {
  oauthClients: OAuthClient[]
  resourceServers: ResourceServer[]
}

/** The client of the `runcomfy` command, which is always there. */
export const CLI_CLIENT = 'runcomfy'

const ID = /^[\w.-]{1,64}$/
const NAME = /^\P{C}{1,60}$/u
/** What is the same whether a client form-encodes its credentials or not. */
const SECRET = /^[\w.~/=-]*$/
const SECRET_LENGTH_MIN = 32

const entries = (text: string) => text.split(',').map((entry) => entry.trim())

const clients = z
  .string()
  .transform((text): OAuthClient[] =>
    entries(text).map((entry) => {
      const [id = '', ...name] = entry.split('=').map((part) => part.trim())
      return { id, name: name.join('=') || id }
    }),
  )
  .refine((all) => all.every(({ id }) => ID.test(id)), {
    message: 'must be ids of letters, digits, dots and dashes, or id=Name, separated by commas',
  })
  .refine((all) => all.every(({ id, name }) => name === id || NAME.test(name)), {
    message: 'must hold names of at most 60 characters, none of them invisible',
  })
  .refine((all) => new Set([CLI_CLIENT, ...all.map(({ id }) => id)]).size === all.length + 1, {
    message: `must not name a client twice; ${CLI_CLIENT} is there already`,
  })

// What is wrong with it is said without repeating any of it.
const resourceServers = z
  .string()
  .transform((text): ResourceServer[] =>
    entries(text).map((entry) => {
      const [id = '', ...secret] = entry.split(':')
      return { id, secret: secret.join(':') }
    }),
  )
  .refine((all) => all.every(({ id, secret }) => ID.test(id) && SECRET.test(secret)), {
    message: 'must be id:secret, separated by commas, of letters, digits and any of - . _ ~ / =',
  })
  .refine((all) => all.every(({ secret }) => secret.length >= SECRET_LENGTH_MIN), {
    message: `must hold secrets of at least ${SECRET_LENGTH_MIN} characters; openssl rand -hex 32 makes one`,
  })

export const oauthSchema = z.object({
  OAUTH_CLIENTS: clients.default([]).meta({
    description:
      'Programs beside `runcomfy` that people may let in with a device code. docs/oauth.md says more.',
    takes: '`id`, or `id=Name` that people read, separated by commas',
  }),
  OAUTH_RESOURCE_SERVERS: resourceServers.default([]).meta({
    description:
      'Servers that may ask whose a token is, each with a secret of 32 characters or more (`openssl rand -hex 32`). docs/oauth.md says more.',
    takes: '`id:secret`, separated by commas',
    secret: true,
  }),
})

/** @throws SettingsError naming each faulty setting and what it must be */
export function parseOAuthSettings(source: Record<string, string | undefined>): OAuthSettings {
  const env = parseEnvironment(oauthSchema, source)
  return {
    oauthClients: [{ id: CLI_CLIENT, name: CLI_CLIENT }, ...env.OAUTH_CLIENTS],
    resourceServers: env.OAUTH_RESOURCE_SERVERS,
  }
}
