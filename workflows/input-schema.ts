import type { ModelInput } from './definition'

export const TEXT_MAX = 20_000
/** The largest that every program reads exactly. */
export const SEED_MAX = Number.MAX_SAFE_INTEGER

/** The inputs of a model as JSON Schema, for programs that make forms or check before they call. */
export const inputSchema = (inputs: readonly ModelInput[]) => ({
  type: 'object' as const,
  properties: Object.fromEntries(inputs.map((input) => [input.name, property(input)])),
  required: inputs.filter(isNeeded).map(({ name }) => name),
  additionalProperties: false,
})

/** Whether a call without it is refused. */
export const isNeeded = (input: Pick<ModelInput, 'required' | 'default'>): boolean =>
  input.required && input.default === undefined

function property(input: ModelInput): Record<string, unknown> {
  const { title, description, minimum, maximum, choices } = input
  const said = { title, description, default: input.default }
  switch (input.type) {
    case 'text':
      return { type: 'string', maxLength: TEXT_MAX, ...said }
    case 'boolean':
      return { type: 'boolean', ...said }
    case 'choice':
      return { type: 'string', enum: choices, ...said }
    case 'seed':
      return { type: 'integer', minimum: 0, maximum: SEED_MAX, ...said }
    case 'integer':
    case 'number':
      return { type: input.type, minimum, maximum, ...said }
    default:
      return { type: 'string', format: 'uri', contentMediaType: `${input.type}/*`, ...said }
  }
}
