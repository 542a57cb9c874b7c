import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { definitionSchema, faultsOf, modelId } from '~/workflows/definition'
import { readWorkflow } from '~/workflows/reading'
import { workflowSchema } from '~/workflows/workflow'

const WORKFLOW = workflowSchema.parse({
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 8,
      steps: 20,
      cfg: 8,
      denoise: 1,
      sampler_name: 'euler',
      model: ['4', 0],
      positive: ['6', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
  '5': {
    class_type: 'LoraLoader',
    inputs: { lora_name: 'sub/x.safetensors', strength_model: 1, model: ['4', 0] },
  },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat' }, _meta: { title: 'What to draw' } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry' } },
  '8': { class_type: 'LoadImage', inputs: { image: 'in.png' } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
  '10': { class_type: 'SaveImage', inputs: { images: ['8', 0] } },
})
const OUTPUTS = [{ name: 'images', title: 'Images', node: '9' }]
const define = (about: object) => definitionSchema.parse({ title: 'One', outputs: OUTPUTS, ...about })
const faults = (about: object) =>
  faultsOf(define(about), WORKFLOW).map(({ field, message }) => `${field}: ${message}`)
const prompt = { name: 'prompt', title: 'Prompt', type: 'text', node: '6', field: 'text' }

describe('a definition fits its workflow', () => {
  it('when its inputs are values and its outputs nodes of it', () => {
    expect(faults({ inputs: [prompt] })).toEqual([])
  })

  test.each([
    ['node: is no node of the workflow: 99', { node: '99' }],
    ['node: is no node of the workflow: __proto__', { node: '__proto__' }],
    ['field: is no input of the node 6: nope', { field: 'nope' }],
    ['field: is no input of the node 6: constructor', { field: 'constructor' }],
    ['field: comes from another node; mark one that holds a value', { node: '3', field: 'model' }],
    ['choices: is missing: name what there is to choose from', { type: 'choice' }],
    ['minimum: is more than the maximum', { type: 'integer', minimum: 2, maximum: 1 }],
    ['default: must be text', { default: 7 }],
    ['default: must be 5 or less', { type: 'integer', maximum: 5, default: 6 }],
    ['default: must be one of a, b', { type: 'choice', choices: ['a', 'b'], default: 'c' }],
    ['default: must be text', { default: null }],
  ])('or says: %s', (fault, about) => {
    expect(faults({ inputs: [{ ...prompt, ...about }] })).toEqual([`inputs.0.${fault}`])
  })

  it('and says everything that is wrong at once', () => {
    expect(
      faults({
        inputs: [prompt, { ...prompt, title: 'Again' }, { ...prompt, name: 'other', node: '99' }],
        outputs: [...OUTPUTS, { name: 'images', title: 'Again', node: '98' }],
      }),
    ).toEqual([
      'inputs.2.node: is no node of the workflow: 99',
      'outputs.1.node: is no node of the workflow: 98',
      'inputs.1.name: is there twice',
      'outputs.1.name: is there twice',
      'inputs.1.field: is there twice',
    ])
  })

  it.each([
    { inputs: [{ ...prompt, name: '__proto__' }] },
    { inputs: [{ ...prompt, name: 'A' }] },
    { inputs: [{ ...prompt, type: 'file' }] },
    { inputs: [{ ...prompt, minimum: Number.POSITIVE_INFINITY }] },
    { inputs: [{ ...prompt, extra: 1 }] },
    { outputs: [] },
    { title: ' ' },
    { categories: ['A b'] },
    { sources: [{ name: 'x', folder: 'etc', source: 'x' }] },
  ])('and is none at all as %j', (about) => {
    expect(definitionSchema.safeParse({ title: 'One', outputs: OUTPUTS, ...about }).success).toBe(false)
  })
})

test.each([
  ['ada/cats', true],
  ['ada/cats-2/text-to-image', true],
  ['ada/flux.1-dev', true],
  ['ada', false],
  ['ada/', false],
  ['/ada/cats', false],
  ['ada/cats/', false],
  ['ada/a/b/c', false],
  ['Ada/cats', false],
  ['ada/..', false],
  ['ada/.cats', false],
  ['-ada/cats', false],
  ['ada/cats.data', false],
  ['ada/cats\n', false],
  ['ada/ca%2fts', false],
])('%j names a model: %s', (id, isOne) => {
  expect(modelId.safeParse(id).success).toBe(isOne)
})

describe('a workflow', () => {
  it.each([
    null,
    [],
    {},
    { 1: {} },
    { 1: { class_type: 'A', inputs: [] } },
    { nodes: [], links: [], version: 0.4 },
    { 'a b': { class_type: 'A', inputs: {} } },
  ])('is one in ComfyUI’s API format, and not %j', (workflow) => {
    expect(workflowSchema.safeParse(workflow).success).toBe(false)
  })

  it('in the editor’s own format is refused with how to get the other', () => {
    const { error } = workflowSchema.safeParse([])
    expect(error?.issues[0]?.message).toMatch(/Export \(API\)/)
  })

  it('has no more than 2000 nodes', () => {
    const nodes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [n, { class_type: 'A', inputs: {} }]))
    expect(workflowSchema.safeParse(nodes(2000)).success).toBe(true)
    expect(workflowSchema.safeParse(nodes(2001)).success).toBe(false)
  })
})

describe('what has too much of anything is refused in one fault, whatever it is', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x ${n}`, 1]))

  it.each([
    ['nodes', many(2001), 'It has more than 2000 nodes.'],
    ['nodes in a list', Array(2001).fill(1), 'It has more than 2000 nodes.'],
    ['inputs', { 1: { class_type: 'A', inputs: many(10_001) } }, 'It has more than 10000 inputs.'],
  ])('a workflow of %s', (_what, workflow, message) => {
    expect(workflowSchema.safeParse(workflow).error?.issues).toMatchObject([{ message }])
  })

  it.each([
    ['inputs', 101],
    ['outputs', 51],
    ['sources', 101],
    ['categories', 11],
  ])('a definition of %s', (list, count) => {
    const { error } = definitionSchema.safeParse({
      ...{ title: 'One', outputs: OUTPUTS },
      [list]: Array(count).fill(1),
    })
    expect(error?.issues).toMatchObject([{ path: [list], message: `has more than ${count - 1} entries` }])
  })
})

describe('what a workflow offers to whoever publishes it', () => {
  const { inputs, outputs, files } = readWorkflow(WORKFLOW)
  const found = (node: string, field: string) =>
    inputs.find((one) => one.node === node && one.field === field)

  it('is every value and no link, each under a name of its own that a definition takes', () => {
    expect(inputs.map(({ node, field }) => `${node}.${field}`)).not.toContain('3.model')
    expect(inputs).toHaveLength(12)
    expect(new Set(inputs.map(({ name }) => name)).size).toBe(inputs.length)
    const all = inputs.map(({ name, title, type, node, field }) => ({ name, title, type, node, field }))
    expect(faults({ inputs: all })).toEqual([])
  })

  it('with types guessed from values and names', () => {
    expect(found('3', 'seed')).toMatchObject({ type: 'seed', isLikely: true, value: 8 })
    expect(found('3', 'steps')).toMatchObject({ type: 'integer' })
    expect(found('3', 'cfg')).toMatchObject({ type: 'number' })
    expect(found('8', 'image')).toMatchObject({ type: 'image', isLikely: true })
    expect(found('6', 'text')).toMatchObject({
      type: 'text',
      name: 'what_to_draw',
      nodeTitle: 'What to draw',
    })
    expect(found('7', 'text')).toMatchObject({ name: 'text' })
    expect(found('4', 'ckpt_name')).toMatchObject({ isLikely: false })
  })

  it('the nodes at its ends, and where the files that it loads belong', () => {
    expect(outputs.filter(({ isLikely }) => isLikely).map(({ node, name }) => [node, name])).toEqual([
      ['9', 'images'],
      ['10', 'images_2'],
    ])
    expect(files).toEqual([
      { name: 'sd15.safetensors', folder: 'models/checkpoints' },
      { name: 'sub/x.safetensors', folder: 'models/loras' },
    ])
  })

  it('is found in whatever else is a workflow, too, in names that a definition takes', () => {
    const value = fc.oneof(fc.jsonValue(), fc.tuple(fc.string(), fc.nat()))
    const node = fc.record({
      class_type: fc.string({ minLength: 1 }),
      inputs: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'seed')), value, {
        noNullPrototype: true,
      }),
      _meta: fc.oneof(fc.jsonValue(), fc.record({ title: fc.string({ unit: 'grapheme' }) })),
    })
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[\w:.-]{1,5}$/), node, { minKeys: 1 }), (nodes) => {
        const { data } = workflowSchema.safeParse(nodes)
        if (!data) return
        const reading = readWorkflow(data)
        const outputs = reading.outputs.slice(0, 50).map(({ name, title, node }) => ({ name, title, node }))
        const inputs = reading.inputs
          .slice(0, 100)
          .map(({ name, title, type, node, field }) => ({ name, title, type, node, field }))
        const { data: definition, error } = definitionSchema.safeParse({ title: 'One', inputs, outputs })
        expect(error).toBeUndefined()
        if (definition) expect(faultsOf(definition, data)).toEqual([])
      }),
    )
  })
})
