import { z } from 'zod'

/** Lists every faulty setting at once, one a line. */
export class SettingsError extends Error {
  override name = 'SettingsError'
}

/**
 * Reads what a schema names from the environment.
 * @param source usually `process.env`; a blank value counts as absent
 * @throws SettingsError naming each faulty setting and what it must be
 */
export function parseEnvironment<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  source: Record<string, string | undefined>,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, source[name]?.trim()])
      .filter(([, value]) => value),
  )
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
  throw new SettingsError(`These settings need a change:\n${faults.join('\n')}`)
}

/** A base URL, without the slash at its end. */
export const endpoint = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((text) => text.replace(/\/+$/, ''))

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
