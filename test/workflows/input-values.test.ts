import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelInput } from '~/workflows/definition'
import { fillWorkflow } from '~/workflows/fill'
import { inputSchema } from '~/workflows/input-schema'
import { checkInputs } from '~/workflows/input-values'
import { input } from './workflows'

const INPUTS: ModelInput[] = [
  input({ name: 'prompt', type: 'text', required: true }),
  input({ name: 'steps', type: 'integer', minimum: 1, maximum: 50 }),
  input({ name: 'cfg', type: 'number', minimum: 0.5, default: 7 }),
  input({ name: 'upscale', type: 'boolean' }),
  input({ name: 'style', type: 'choice', choices: ['photo', 'drawing'], required: true, default: 'photo' }),
  input({ name: 'seed', type: 'seed' }),
  input({ name: 'image', type: 'image' }),
  input({ name: 'constructor', type: 'text' }),
]
const valuesOf = (given: unknown) => checkInputs(INPUTS, given).values
const faultsOf = (given: unknown) =>
  checkInputs(INPUTS, given).faults?.map(({ field, message }) => `${field}: ${message}`)

/** JSON as a caller might send it, aimed at the inputs there are. */
const aimed = fc.dictionary(
  fc.oneof(fc.constantFrom(...INPUTS.map(({ name }) => name), '__proto__', 'toString'), fc.string()),
  fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'photo',
      'https://example.org/x.png',
      'data:image/png;base64,AAAA',
      Number.POSITIVE_INFINITY,
      -0,
      2 ** 53,
    ),
  ),
)

describe('what a call runs with', () => {
  it('has the caller’s values, defaults and a random seed; what nobody gave is left to the workflow', () => {
    const values = valuesOf({ prompt: 'a cat', steps: 5 })
    expect(values).toEqual({ prompt: 'a cat', steps: 5, cfg: 7, style: 'photo', seed: expect.any(Number) })
    expect(Number.isSafeInteger(values?.seed)).toBe(true)
    expect(valuesOf({ prompt: 'a cat' })?.seed).not.toBe(valuesOf({ prompt: 'a cat' })?.seed)
    expect(valuesOf({ prompt: 'a cat', seed: 7 })?.seed).toBe(7)
  })

  it('has a seed as large as every program reads exactly', () => {
    const seed = Number.MAX_SAFE_INTEGER
    expect(valuesOf({ prompt: 'x', seed })).toMatchObject({ seed })
    expect(faultsOf({ prompt: 'x', seed: seed + 1 })).toEqual([
      'seed: must be a whole number of at most 9007199254740991',
    ])
  })

  it('takes null for a value that is not given', () => {
    expect(valuesOf({ prompt: 'x', steps: null, style: null })).toMatchObject({ style: 'photo' })
    expect(faultsOf({ prompt: null })).toEqual(['prompt: is missing'])
  })

  it('is refused with every fault at once', () => {
    expect(
      faultsOf({
        ...{ steps: 51, cfg: 0, upscale: 'yes', style: 'oil', seed: -1, image: 'file:///etc/passwd' },
        ...{ 'hf_CANARY…': 1, extra: 1 },
      }),
    ).toEqual([
      'prompt: is missing',
      'steps: must be 50 or less',
      'cfg: must be 0.5 or more',
      'upscale: must be true or false',
      'style: must be one of photo, drawing',
      'seed: must be 0 or more',
      'image: must be an https address, or a data:image/…;base64, URL',
      ': Something was sent that is no input of this model.',
      'extra: is no input of this model',
    ])
  })

  it('says fifty faults and counts the others, however many there are', () => {
    const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`x${n}`, 1]))
    const faults = faultsOf(many)
    expect(faults).toHaveLength(51)
    expect(faults?.slice(0, 2)).toEqual(['prompt: is missing', 'x0: is no input of this model'])
    expect(faults?.at(-1)).toBe(': And 199951 more.')
  })

  it.each([null, [], 'x', 7, true, undefined])('is a JSON object, and not %j', (given) => {
    expect(faultsOf(given)).toEqual([': The inputs must be a JSON object.'])
  })

  it('knows names of prototypes only where they are inputs', () => {
    expect(faultsOf(JSON.parse('{"prompt":"x","__proto__":1,"toString":1}'))).toEqual([
      '__proto__: is no input of this model',
      'toString: is no input of this model',
    ])
    expect(Object.hasOwn(valuesOf({ prompt: 'x' }) ?? {}, 'constructor')).toBe(false)
    expect(valuesOf({ prompt: 'x', constructor: 'y' })).toMatchObject({ constructor: 'y' })
  })

  it.each([
    ['https://example.org/x.png', true],
    ['HTTPS://example.org', true],
    ['http://example.org/x.png', false],
    ['https://', false],
    [`https://example.org/${'x'.repeat(2000)}`, false],
    ['data:image/png;base64,AAAA', true],
    ['data:image/png;base64,', false],
    ['data:video/mp4;base64,AAAA', false],
    ['data:image/png,AAAA', false],
    ['data:text/html;base64,AAAA', false],
    [' https://example.org', false],
    [7, false],
  ])('takes a picture from the web or inside the call: %j is one: %s', (image, isOne) => {
    expect(faultsOf({ prompt: 'x', image }) === undefined).toBe(isOne)
  })

  it('takes an inline file of 8 MiB and none that is larger, quickly', () => {
    const image = (bytes: number) => `data:image/png;base64,${'A'.repeat(Math.ceil(bytes / 3) * 4)}`
    expect(faultsOf({ prompt: 'x', image: image(8 * 1024 ** 2) })).toBeUndefined()
    expect(faultsOf({ prompt: 'x', image: image(8 * 1024 ** 2 + 1000) })).toEqual([
      'image: is larger than 8 MiB; give an https address',
    ])
  })

  it('is checked without ever throwing, and what passes fits the JSON Schema and holds no other names', () => {
    const { properties, required } = inputSchema(INPUTS)
    const schemas = new Map(Object.entries(properties))
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), aimed), (given) => {
        const { values, faults } = checkInputs(INPUTS, given)
        if (faults) return faults.length > 0
        for (const name of required) expect(Object.hasOwn(values, name)).toBe(true)
        for (const [name, value] of Object.entries(values)) expect(fits(schemas.get(name), value)).toBe(true)
        return true
      }),
      { numRuns: 2000 },
    )
  })
})

/** As much of JSON Schema as inputs are described by. */
function fits(schema: Record<string, unknown> | undefined, value: unknown): boolean {
  if (!schema) return false
  const {
    type,
    enum: choices,
    minimum = Number.NEGATIVE_INFINITY,
    maximum = Number.POSITIVE_INFINITY,
  } = schema
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'string')
    return typeof value === 'string' && (!Array.isArray(choices) || choices.includes(value))
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  if (!isNumber || (type === 'integer' && !Number.isInteger(value))) return false
  return value >= (minimum as number) && value <= (maximum as number)
}

describe('a workflow is filled', () => {
  const workflow = {
    1: { class_type: 'A', inputs: { prompt: 'old', steps: 20 } },
    2: { class_type: 'B', inputs: {} },
  }

  it('with the values that there are, and stays itself', () => {
    const filled = fillWorkflow(workflow, INPUTS, { prompt: 'new', other: 1 })
    expect(filled).toEqual({ ...workflow, 1: { class_type: 'A', inputs: { prompt: 'new', steps: 20 } } })
    expect(workflow[1].inputs.prompt).toBe('old')
  })

  it('nowhere but in the nodes that it has', () => {
    const odd = [
      input({ name: 'a', type: 'text', node: '__proto__' }),
      input({ name: 'b', type: 'text', node: '3' }),
      input({ name: 'toString', type: 'text' }),
    ]
    expect(fillWorkflow(workflow, odd, { a: 'x', b: 'x' })).toEqual(workflow)
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
  })
})

it('the JSON Schema asks for what has neither a default nor a way without', () => {
  expect(inputSchema(INPUTS).required).toEqual(['prompt'])
})
