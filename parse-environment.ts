import { isIP } from 'node:net'
import * as z from 'zod'

/** Lists every faulty setting at once, one a line. */
export class SettingsError extends Error {
  override name = 'SettingsError'
  constructor(readonly faults: string[]) {
    super(`These settings need a change:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  }
}

/**
 * Reads what a schema names from the environment.
 * @param source usually `process.env`; a blank value counts as absent
 * @param prefix stands before each name of the schema in the environment
 * @throws SettingsError naming each faulty setting and what it must be
 */
export function parseEnvironment<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  source: Record<string, string | undefined>,
  prefix = '',
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, source[prefix + name]?.trim()])
      .filter(([, value]) => value),
  )
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new SettingsError(
    parsed.error.issues.map((issue) => `${prefix}${issue.path.join('.')} ${issue.message}`),
  )
}

/**
 * Takes several parts of the settings, each by its own parser.
 * @throws SettingsError with the faults of all parts
 */
export function parseTogether<Parts extends unknown[]>(
  ...parsers: { [Part in keyof Parts]: () => Parts[Part] }
): Parts {
  const faults: string[] = []
  const parts = parsers.map((parse) => {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      faults.push(...error.faults)
      return undefined
    }
  })
  if (faults.length > 0) throw new SettingsError(faults)
  return parts as Parts
}

/** In lower case. */
export const domainName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a domain name in lower case')
  .meta({ takes: 'a domain name in lower case' })

/** A base URL, without the slash at its end. */
export const endpoint = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((text) => text.replace(/\/+$/, ''))
  .meta({ takes: 'an http or https URL' })

/** A Docker Engine, as its own tools name it. */
export const dockerHost = z
  .string()
  .regex(/^(unix:\/\/\/.+|tcp:\/\/[^/]+)$/, 'must be unix:///path or tcp://host:port')
  .meta({ takes: '`unix:///path` or `tcp://host:port`' })

/** `name`, `name:tag` or `name@digest`, with or without a registry. */
export const imageReference = z
  .string()
  .regex(/^[a-z0-9][\w.\-/:]*(@sha256:[0-9a-f]{64})?$/i, 'must be the name of an image, such as name:tag')
  .meta({ takes: 'the name of an image, such as `name:tag`' })

/** `host` or `host:port`, separated by commas or blanks; in lower case. */
export const hostList = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
  )
  .refine((hosts) => hosts.every((host) => /^[a-z0-9.-]+(:\d{1,5})?$/.test(host)), {
    message: 'must be a list of `host` or `host:port`, separated by commas',
  })
  .meta({ takes: '`host` or `host:port`, separated by commas' })

/** How many downloads a file manager has under way. */
export const downloadsAtOnce = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(16, 'must be at most 16')

/** Network addresses and CIDR ranges, separated by commas or blanks. */
export const addressList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine((entries) => entries.every(isAddressOrRange), {
    message: 'must be a list of addresses or ranges such as 10.0.0.0/8, separated by commas',
  })
  .meta({ takes: 'addresses or ranges such as 10.0.0.0/8, separated by commas' })

function isAddressOrRange(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/')
  const family = isIP(address)
  const isRange = bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  return family !== 0 && isRange && rest.length === 0
}
