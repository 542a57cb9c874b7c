import * as z from 'zod'
import { type Sender, sender } from './email-address'
import { domainName, parseEnvironment, parseTogether } from './parse-environment'

/** Who gets an account by signing in for the first time; whom an administrator invited always does. */
export type SignUp = { kind: 'invite' | 'open' } | { kind: 'domain'; domains: string[] }

/** An OpenID Connect provider that people sign in with. */
export interface OidcProvider {
  id: string
  /** What its button says. */
  label: string
  /** Plain http only when the operator wrote it so. */
  issuer: string
  clientId: string
  /** Undefined for a public client, which PKCE alone protects. */
  clientSecret: string | undefined
}

export interface SignInSettings {
  /** Undefined: the server prints sign-in links. */
  smtpUrl: string | undefined
  /** There whenever `smtpUrl` is. */
  mailFrom: Sender | undefined
  signUp: SignUp
  oidcProviders: OidcProvider[]
}

const signUp = z.string().transform((text, context): SignUp => {
  const [, list] = /^domain:(.*)$/.exec(text.toLowerCase()) ?? []
  const domains = list?.split(',').map((domain) => domain.trim())
  if (domains?.every((domain) => domainName.safeParse(domain).success)) return { kind: 'domain', domains }
  if (text === 'invite' || text === 'open') return { kind: text }
  context.addIssue('must be invite, open, or domain: and a list of domains, such as domain:example.org')
  return z.NEVER
})

const providerIds = z
  .string()
  .transform((text) => text.split(',').map((id) => id.trim()))
  .refine((ids) => ids.every((id) => /^[a-z0-9](-?[a-z0-9])*$/.test(id)), {
    message: 'must be names of lower-case letters, digits and dashes, separated by commas',
  })
  .refine((ids) => new Set(ids).size === ids.length, { message: 'must not name a provider twice' })

export const signInSchema = z.object({
  SMTP_URL: z
    .url({
      protocol: /^smtps?$/,
      hostname: /./,
      error: 'must begin with smtp:// or smtps:// and name a host',
    })
    .optional()
    .meta({
      description: 'The mail server that takes sign-in links.',
      takes: '`smtp://` or `smtps://`, with user and password where it wants them',
      otherwise: 'the server prints the links',
    }),
  MAIL_FROM: sender.optional().meta({
    description: 'Who sign-in links are from. Needed with SMTP_URL.',
    takes: 'an address, or `Name <address>`',
  }),
  SIGN_UP: signUp.prefault('invite').meta({
    description:
      'Who gets an account by signing in: whom an administrator invited, whoever has an address of a domain, or everybody. Whom an administrator invited always does.',
    takes: '`invite`, `domain:example.org,example.com` or `open`',
  }),
  OIDC_PROVIDERS: providerIds.default([]).meta({
    description:
      'OpenID Connect providers to sign in with, each set up below its name in upper case. Register `PUBLIC_URL/sign-in/with/<name>/callback` there.',
    takes: 'names, separated by commas',
  }),
})

const neededSender = z.string('is needed with SMTP_URL').pipe(sender)

// Not the shared `endpoint`: an issuer is compared to the letter, and some end in a slash.
export const providerSchema = z.object({
  ISSUER: z
    .string('is needed for this provider')
    .pipe(z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }))
    .meta({ description: 'The address of the provider.', takes: 'an http or https URL' }),
  CLIENT_ID: z
    .string('is needed for this provider')
    .meta({ description: 'What the provider calls Slipway.' }),
  CLIENT_SECRET: z.string().optional().meta({
    description: 'Proves to the provider that it is Slipway who asks. Without it Slipway is a public client.',
    secret: true,
  }),
  LABEL: z
    .string()
    .max(40, 'must be at most 40 characters')
    .optional()
    .meta({ description: 'What its button says.', takes: 'at most 40 characters', otherwise: 'its name' }),
})

/** @throws SettingsError naming each faulty setting and what it must be */
export function parseSignInSettings(source: Record<string, string | undefined>): SignInSettings {
  const providers = providerIds.safeParse(source.OIDC_PROVIDERS).data ?? []
  const mailFrom = source.SMTP_URL?.trim() ? neededSender : sender.optional()
  const [env, oidcProviders] = parseTogether(
    () => parseEnvironment(signInSchema.extend({ MAIL_FROM: mailFrom }), source),
    () => parseTogether(...providers.map((id) => () => parseProvider(id, source))),
  )
  return { smtpUrl: env.SMTP_URL, mailFrom: env.MAIL_FROM, signUp: env.SIGN_UP, oidcProviders }
}

/** What the names of a provider's settings begin with. */
export const providerPrefix = (id: string) => `OIDC_${id.toUpperCase().replaceAll('-', '_')}_`

function parseProvider(id: string, source: Record<string, string | undefined>): OidcProvider {
  const prefix = providerPrefix(id)
  const { ISSUER, CLIENT_ID, CLIENT_SECRET, LABEL } = parseEnvironment(providerSchema, source, prefix)
  const label = LABEL ?? id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ')
  return { id, label, issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
}
