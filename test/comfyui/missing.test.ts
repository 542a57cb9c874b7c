import { expect, test } from 'vitest'
import { never, startDriven } from './driver'
import { MODELS, sampled } from './workflows'

const lora = (name: string) => ({
  class_type: 'LoraLoaderModelOnly',
  inputs: { model: ['1', 0], lora_name: name, strength_model: 1 },
})

test('each class is asked for once', async () => {
  const { fake, comfy } = await startDriven({ models: ['checkpoints/base.safetensors'] })
  await comfy.missing({ ...sampled(), '20': sampled()['2'] ?? lora('') }, never())
  const asked = fake.requests.map(({ url }) => url)
  expect(asked.filter((url) => url === '/object_info/CLIPTextEncode')).toHaveLength(1)
  expect(asked).toHaveLength(6)
})

test('choices of either form are read, and separators of either system', async () => {
  const { comfy } = await startDriven({ models: [...MODELS, 'loras/ships/small.safetensors'] })
  const workflow = {
    ...sampled(),
    '7': lora('ships\\small.safetensors'),
    '8': lora('ships\\tall.safetensors'),
    // Twice in the workflow, once in the answer; and what is no model file is for ComfyUI to check.
    '9': lora('ships\\tall.safetensors'),
    '10': lora('None'),
  }
  expect(await comfy.missing(workflow, never())).toEqual({
    nodes: [],
    files: [{ name: 'ships\\tall.safetensors', nodeClass: 'LoraLoaderModelOnly', field: 'lora_name' }],
  })
})

test('a node that can’t be described is named with what ComfyUI answered', async () => {
  const { comfy } = await startDriven({ faults: { answers: { '/object_info/Broken': 'error500' } } })
  const workflow = { '1': { class_type: 'Broken', inputs: {} } }
  await expect(comfy.missing(workflow, never())).rejects.toMatchObject({
    errorClass: 'node_failed',
    said: 'ComfyUI can’t describe its node Broken: /object_info/Broken answered 500.',
  })
})

test.each(['__proto__', 'constructor', 'toString', '..', '.', 'a/b?c#d'])(
  'a class that is no word is a missing one: %s',
  async (class_type) => {
    const { comfy } = await startDriven()
    expect(await comfy.missing({ '1': { class_type, inputs: { name: 'x.pt' } } }, never())).toEqual({
      nodes: [class_type],
      files: [],
    })
  },
)
