import * as z from 'zod'
import { kubernetesSchema } from './kubernetes-settings'
import { limitsSchema, sizesSchema } from './machine-settings'
import { oauthSchema } from './oauth-settings'
import { requestsSchema } from './request-settings'
import { serverSchema } from './server-settings'
import { providerSchema, signInSchema } from './sign-in-settings'
import { telemetrySchema } from './telemetry-settings'

/** Everything that an operator can set, in words; the schemas say it, each field in its `meta`. */

export interface Setting {
  name: string
  /** What it is for. */
  description: string
  /** What can be written there. */
  takes: string
  /** What holds where nothing is written; null is nothing at all. */
  fallback: string | null
  /** Whether its value is never shown. */
  isSecret: boolean
}

/** Stands for what the names of one provider's settings begin with. */
export const PROVIDER_PREFIX = 'OIDC_<NAME>_'

type Schema = z.ZodObject<z.core.$ZodLooseShape>

export const SETTING_GROUPS: readonly { title: string; settings: Setting[] }[] = [
  { title: 'Server and machines', settings: settingsOf(serverSchema) },
  { title: 'Sizes and limits', settings: [...settingsOf(sizesSchema), ...settingsOf(limitsSchema)] },
  { title: 'Calls of models', settings: settingsOf(requestsSchema) },
  { title: 'Signing in', settings: settingsOf(signInSchema) },
  { title: 'Each OpenID Connect provider', settings: settingsOf(providerSchema, PROVIDER_PREFIX) },
  { title: 'Other programs', settings: settingsOf(oauthSchema) },
  { title: 'Kubernetes', settings: settingsOf(kubernetesSchema) },
  { title: 'Metrics and traces', settings: settingsOf(telemetrySchema) },
]

function settingsOf(schema: Schema, prefix = ''): Setting[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const layers = layersOf(field as z.ZodType)
    const said = Object.assign({}, ...layers.map((layer) => layer.meta()).reverse())
    return {
      name: prefix + name,
      description: said.description,
      takes: said.takes ?? rangeOf(field as z.ZodType),
      fallback: said.otherwise ?? defaultOf(layers),
      isSecret: said.secret === true,
    }
  })
}

/** The field and what it wraps, outermost first: what is said of the outer one counts. */
function layersOf(field: z.ZodType): z.ZodType[] {
  const isWrapper =
    field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault
  return isWrapper ? [field, ...layersOf(field.def.innerType as z.ZodType)] : [field]
}

function defaultOf(layers: z.ZodType[]): string | null {
  const [layer] = layers.filter((one) => one instanceof z.ZodDefault || one instanceof z.ZodPrefault)
  const value = layer?.def.defaultValue
  return typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : null
}

function rangeOf(field: z.ZodType): string {
  const { type, enum: options, minimum, maximum } = z.toJSONSchema(field, { unrepresentable: 'any' })
  if (options) return options.map((option) => `\`${option}\``).join(', ')
  if (type !== 'integer' && type !== 'number') return 'text'
  // Whole numbers are held to those that JavaScript counts exactly, which says nothing to anybody.
  const known = (limit: number | undefined) =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER
  return [
    type === 'integer' ? 'a whole number' : 'a number',
    known(minimum) && `from ${minimum}`,
    known(maximum) && `to ${maximum}`,
  ]
    .filter(Boolean)
    .join(' ')
}
