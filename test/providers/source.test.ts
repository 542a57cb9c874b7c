import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPlainName, type ModelSource, parseModelUrl } from '~/providers/models/source'
import { Refusal } from '~/providers/refusal'

const publicIssuers = {
  huggingfaceEndpoint: 'https://huggingface.co',
  civitaiEndpoint: undefined,
  trustedHosts: [],
}
const mirror = {
  huggingfaceEndpoint: 'http://mirror.internal:8080/hf',
  civitaiEndpoint: 'http://127.0.0.1:9999',
  trustedHosts: [],
}
const parse = (url: string, issuers: typeof publicIssuers | typeof mirror = publicIssuers) =>
  parseModelUrl(url, issuers)

function refusal(url: string): string {
  try {
    parse(url)
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
  return 'accepted'
}

describe('Hugging Face', () => {
  test('the page of a file and its download link name the same file', () => {
    const file = {
      provider: 'huggingface',
      base: 'https://huggingface.co',
      repo: 'black-forest-labs/FLUX.1-dev',
      revision: 'main',
      path: ['vae', 'ae.safetensors'],
    }
    for (const kind of ['blob', 'resolve'])
      for (const host of ['huggingface.co', 'hf.co', 'www.huggingface.co'])
        expect(
          parse(
            ` https://${host}/black-forest-labs/FLUX.1-dev/${kind}/main/vae/ae.safetensors?download=true\n`,
          ),
        ).toEqual(file)
  })

  test('datasets, repositories without an owner, and revisions with a slash are understood', () => {
    expect(parse('https://huggingface.co/datasets/a/b/resolve/main/x.bin')).toMatchObject({
      repo: 'datasets/a/b',
    })
    expect(parse('https://huggingface.co/gpt2/resolve/main/model.safetensors')).toMatchObject({
      repo: 'gpt2',
    })
    expect(parse('https://huggingface.co/a/b/resolve/refs%2Fpr%2F1/x.bin')).toMatchObject({
      revision: 'refs/pr/1',
    })
  })

  test('what names no single file is refused', () => {
    for (const path of [
      'a/b',
      'a/b/tree/main',
      'a/b/resolve/main',
      'a/b/resolve/main/',
      'a/b/resolve/main/%2E%2E/x',
    ])
      expect([path, refusal(`https://huggingface.co/${path}`)]).toEqual([path, 'bad_url'])
    for (const path of ['..%2Fx', 'x%00', 'x%0a', 'a%5cb', '%zz', 'a//b'])
      expect([path, refusal(`https://huggingface.co/a/b/resolve/main/${path}`)]).toEqual([path, 'bad_url'])
  })

  test('an address of the public site goes to the mirror that the operator set', () => {
    const base = mirror.huggingfaceEndpoint
    expect(parse('https://huggingface.co/a/b/resolve/main/x', mirror)).toMatchObject({ base })
    expect(parse(`${base}/a/b/resolve/main/x`, mirror)).toMatchObject({ base, repo: 'a/b' })
  })
})

describe('Civitai', () => {
  test('download links, version pages and model pages are understood', () => {
    const cases: [string, Partial<ModelSource>][] = [
      [
        'api/download/models/12?type=Model&format=SafeTensor',
        { versionId: '12', choice: { type: 'Model', format: 'SafeTensor' } },
      ],
      ['model-versions/12', { versionId: '12' }],
      ['api/v1/model-versions/12', { versionId: '12' }],
      ['models/7', { modelId: '7', versionId: undefined }],
      ['models/7/a-slug', { modelId: '7', versionId: undefined }],
      ['models/7/a-slug?modelVersionId=12', { modelId: '7', versionId: '12' }],
    ]
    for (const [path, expected] of cases) expect(parse(`https://civitai.com/${path}`)).toMatchObject(expected)
  })

  test('a key in the address is dropped', () => {
    const source = parse('https://civitai.com/api/download/models/12?token=CANARY&fp=fp16')
    expect(JSON.stringify(source)).not.toContain('CANARY')
    expect(source).toMatchObject({ choice: { fp: 'fp16' } })
  })

  test('each of its hosts is asked itself, unless the operator set another', () => {
    expect(parse('https://civitai.red/models/7')).toMatchObject({ base: 'https://civitai.red' })
    expect(parse('https://www.civitai.com/models/7')).toMatchObject({ base: 'https://civitai.com' })
    expect(parse('https://civitai.red/models/7', mirror)).toMatchObject({ base: mirror.civitaiEndpoint })
    expect(parse('http://127.0.0.1:9999/models/7', mirror)).toMatchObject({ base: mirror.civitaiEndpoint })
  })

  test('what names no version is refused', () => {
    for (const path of [
      '',
      'models',
      'models/x',
      'models/7?modelVersionId=x',
      'images/7',
      'api/download/models/',
    ])
      expect([path, refusal(`https://civitai.com/${path}`)]).toEqual([path, 'bad_url'])
  })
})

test('no other host is taken for an issuer', () => {
  for (const origin of [
    'http://huggingface.co',
    'https://huggingface.co:8443',
    'https://huggingface.co.evil.example',
    'https://evil-huggingface.co',
    'https://evil.example',
    'https://127.0.0.1',
    'ftp://huggingface.co',
    'https://huggingface.co@evil.example',
  ])
    expect([origin, refusal(`${origin}/a/b/resolve/main/x.bin`)]).toEqual([origin, 'host_not_allowed'])
  expect(refusal('not an address')).toBe('bad_url')
  expect(refusal('')).toBe('bad_url')
})

test('whatever is pasted, the result is a plain file name at an issuer, or a refusal', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('..', '%2e%2e', '%2f', '%00', 'resolve', 'blob', 'main', 'a', '?', '#', '\\', '//', '@'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = `https://huggingface.co/${pieces.join('/')}`
      try {
        const source = parse(text)
        if (source.provider !== null) expect(source.base).toBe('https://huggingface.co')
        if (source.provider === 'huggingface') expect(source.path.every(isPlainName)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }),
  )
})

test('every file that a repository may hold is named by its download link', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => isPlainName(text))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (path) => {
      const url = `https://huggingface.co/a/b/resolve/main/${path.map(encodeURIComponent).join('/')}`
      expect(parse(url)).toMatchObject({ path })
    }),
  )
})
