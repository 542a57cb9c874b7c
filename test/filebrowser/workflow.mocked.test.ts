import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { Refusal } from '~/filebrowser/refusal'
import { mentionsIn } from '~/filebrowser/workflows/mentions'
import { workflowInPng } from '~/filebrowser/workflows/png'

vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>()
  return { ...zlib, inflateSync: vi.fn(zlib.inflateSync) }
})
const unpacked = vi.mocked(inflateSync)

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(import.meta.dirname, 'workflows', name), 'utf8'))
const foldersOf = (file: unknown) =>
  Object.fromEntries(mentionsIn(file).mentions.map(({ name, folder }) => [name, folder]))

const API = {
  'base.safetensors': 'models/checkpoints',
  'eff.safetensors': 'models/checkpoints',
  'eff_lora.safetensors': 'models/loras',
  '4x.pth': 'models/upscale_models',
  'vision.safetensors': 'models/clip_vision',
  'depth.safetensors': 'models/controlnet',
}

test('the editor’s format: every loader, subgraphs, embeddings, nested lists and unknown nodes', async () => {
  expect(foldersOf(await read('editor.json'))).toEqual({
    'sdxl/base.safetensors': 'models/checkpoints',
    'style.safetensors': 'models/loras',
    'clip_l.safetensors': 'models/text_encoders',
    't5xxl_fp16.safetensors': 'models/text_encoders',
    EasyNegative: 'models/embeddings',
    'sd/bad.pt': 'models/embeddings',
    'detail.safetensors': 'models/loras',
    'special.gguf': 'models/checkpoints',
    'chosen.safetensors': 'models/vae',
    'flux.safetensors': 'models/diffusion_models',
  })
})

test('where its author says so, with address and hash; a note on a model that is no longer set is left out', async () => {
  const { mentions } = mentionsIn(await read('editor.json'))
  const byName = new Map(mentions.map((mention) => [mention.name, mention]))
  expect(byName.get('sdxl/base.safetensors')?.url).toMatch(/model\.safetensors$/)
  expect(byName.get('special.gguf')?.url).toBe('https://huggingface.co/a/b/resolve/main/special.gguf')
  expect(byName.get('flux.safetensors')?.sha256).toMatch(/^abcdef/)
  expect(byName.get('chosen.safetensors')?.url).toBeUndefined()
})

test('the API’s format, also wrapped', async () => {
  const api = await read('api.json')
  const texts = { prompt: JSON.stringify(api) }
  for (const file of [api, { prompt: api }, { workflow: { prompt: api } }, { output: api }, texts])
    expect(foldersOf(file)).toEqual(API)
})

describe('a picture that ComfyUI saved', () => {
  const chunk = (type: string, content: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    return Buffer.concat([length, Buffer.from(type), content, Buffer.alloc(4)])
  }
  const png = (...chunks: Buffer[]) =>
    Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', Buffer.alloc(13)), ...chunks])

  test.each<[string, (json: string) => Buffer]>([
    ['tEXt', (json) => chunk('tEXt', Buffer.from(`prompt\0${json}`))],
    ['iTXt', (json) => chunk('iTXt', Buffer.from(`prompt\0\0\0\0\0${json}`))],
    ['zTXt', (json) => chunk('zTXt', Buffer.concat([Buffer.from('prompt\0\0'), deflateSync(json)]))],
  ])('holds its workflow in %s', async (_type, write) => {
    const json = JSON.stringify(await read('api.json')).replace('"inputs":{', '"inputs":{"x": NaN,')
    expect(foldersOf(workflowInPng(png(write(json))))).toEqual(API)
  })

  test('unpacks nothing but the workflow, each text once and 16 MB at most, however many are packed into it', () => {
    const bomb = deflateSync(Buffer.alloc(15 * 1024 * 1024, ' '))
    const packed = (name: string, content = bomb) =>
      chunk('zTXt', Buffer.concat([Buffer.from(`${name}\0\0`), content]))
    const others = Array.from({ length: 200 }, (_, n) => packed(`note ${n}`))
    const again = Array.from({ length: 200 }, () => packed('workflow'))
    const before = unpacked.mock.calls.length
    const small = packed('prompt', deflateSync('{"a": 1}'))
    expect(workflowInPng(png(packed('workflow'), ...others, ...again, small))).toEqual({ a: 1 })
    expect(unpacked.mock.calls.length - before).toBe(2)
    // What the one took is not there for the other.
    const large = packed('prompt', deflateSync(`{"a": 1}${' '.repeat(2 * 1024 * 1024)}`))
    expect(() => workflowInPng(png(packed('workflow'), large))).toThrow(/no workflow in this picture/)
    const over = packed('workflow', deflateSync(`{"a": 1}${' '.repeat(17 * 1024 * 1024)}`))
    expect(() => workflowInPng(png(over))).toThrow(/no workflow in this picture/)
  })

  test('without a workflow, cut off or no picture at all is refused', () => {
    for (const bytes of [png(), png().subarray(0, 20), Buffer.from('GIF89a'), Buffer.alloc(0)])
      expect(() => workflowInPng(bytes)).toThrow(/no workflow in this picture/)
  })
})

test.each([null, 1, 'text', [], {}, { nodes: 1 }, { a: { b: 1 } }, { workflow: { workflow: {} } }])(
  'what is no workflow is refused with the cure: %j',
  (file) => {
    expect(() => mentionsIn(file)).toThrow(/no ComfyUI workflow\. Save one/)
  },
)

test('whatever is in a workflow, names stay plain and the list bounded, or it is refused', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string().map((text) => `${text}.safetensors`),
    fc.constant('../x.pt'),
  )
  const node = fc.record({ type: fc.string(), widgets_values: fc.array(value), properties: fc.jsonValue() })
  fc.assert(
    fc.property(fc.array(fc.oneof(node, fc.jsonValue())), (nodes) => {
      for (const { name, folder } of mentionsIn({ nodes }).mentions) {
        expect(`${folder}/${name}`.split('/')).not.toContain('..')
        expect(folder).toMatch(/^models\/./)
      }
    }),
  )
  const many = Array.from({ length: 900 }, (_, n) => ({
    type: 'LoraLoader',
    widgets_values: [`${n}.safetensors`],
  }))
  expect(mentionsIn({ nodes: many })).toMatchObject({ complete: false, mentions: { length: 500 } })
  expect(() => mentionsIn({ nodes: Array.from({ length: 20_001 }, () => ({})) })).toThrow(Refusal)
})
