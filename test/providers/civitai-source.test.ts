import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { issuerSettings } from '~/providers/issuers'
import { civitaiAddress } from '~/providers/models/civitai-source'
import { type CivitaiFile, parseModelUrl } from '~/providers/models/source'
import { Refusal } from '~/providers/refusal'

const issuers = issuerSettings({
  huggingfaceEndpoint: undefined,
  civitaiEndpoint: undefined,
  downloadHosts: [],
})
const parse = (text: string) => parseModelUrl(text, issuers)
const refusal = (text: string): string | undefined => {
  try {
    parse(text)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

describe('the names that Civitai gives a model are understood', () => {
  const both = { modelId: '123', versionId: '456' }
  test.each<[string, Partial<CivitaiFile>]>([
    ['urn:air:sdxl:lora:civitai:123@456', { ...both, choice: {} }],
    ['URN:AIR:sdxl:lora:civitai:123@456', both],
    ['air:flux1:checkpoint:civitai:123@456', both],
    ['urn:air:sd1:embedding:civitai:123', { modelId: '123', versionId: undefined }],
    ['urn:air:sdxl:lora:civitai:123@456+789', { ...both, choice: { fileId: '789' } }],
    ['urn:air:sdxl:checkpoint:civitai:123@456.safetensors', both],
    [' civitai:123@456\n', both],
    ['civitai:123', { modelId: '123', versionId: undefined }],
    ['https://www.civitai.com/models/123/a-slug?modelVersionId=456', both],
    ['https://civitai.red/models/123?modelVersionId=456', { ...both, base: 'https://civitai.red' }],
  ])('%s', (text, source) => {
    expect(parse(text)).toMatchObject({ provider: 'civitai', ...source })
  })
})

test.each([
  'civitai:',
  'civitai:x@y',
  'urn:air:sdxl:lora:huggingface:a/b@main',
  'urn:air:civitai:123',
  'civitai:123@456@789',
  `civitai:${'9'.repeat(40)}`,
  'https://civitai.com/api/download/models/12?fileId=x',
  'https://civitai.com/models/7?type=0123456789abcdef0123456789abcdef',
])('what names no model is refused: %s', (text) => {
  expect(refusal(text)).toBe('bad_url')
})

const id = fc.integer({ min: 1, max: 10 ** 12 }).map(String)
const choice = fc.record(
  {
    type: fc.constantFrom('Model', 'Pruned Model', 'VAE'),
    format: fc.constantFrom('SafeTensor', 'PickleTensor', 'GGUF'),
    size: fc.constantFrom('full', 'pruned'),
    fp: fc.constantFrom('fp16', 'fp32', 'bf16'),
    fileId: id,
  },
  { requiredKeys: [] },
)

test('the address of a source parses back to the same source', () => {
  fc.assert(
    fc.property(
      id,
      fc.option(id, { nil: undefined }),
      choice,
      fc.boolean(),
      (modelId, versionId, chosen, red) => {
        const base = red ? 'https://civitai.red' : 'https://civitai.com'
        const source: CivitaiFile = { provider: 'civitai', base, modelId, versionId, choice: chosen }
        expect(parse(civitaiAddress(source))).toEqual(source)
      },
    ),
  )
})

test('whatever is pasted, nothing but a refusal is thrown and no token is kept', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('civitai:', 'urn:air:', 'https://civitai.com/', 'models/', '123', '@', '+', ':', '?'),
    fc.constantFrom(
      'token=CANARY0123456789',
      '&token=CANARY',
      '#CANARY',
      'modelVersionId=',
      '&fileId=',
      '%2e%2e/',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('')
      try {
        expect(JSON.stringify(parse(text))).not.toContain('CANARY')
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        expect(error.message).not.toContain('CANARY')
      }
    }),
    { numRuns: 500 },
  )
})
