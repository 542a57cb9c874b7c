import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesGlob } from '~/providers/models/glob'
import { chooseFiles } from '~/providers/models/hub-choice'

function chosen(paths: string[], more: { repo?: string; path?: string[]; include?: string[] } = {}) {
  const files = paths.map((path) => ({ path: path.split('/'), size: 1, sha256: undefined }))
  const folder = {
    repo: 'o/n',
    path: [],
    ...more,
    kind: 'folder',
    provider: 'huggingface',
    base: '',
    revision: '',
  }
  return [...chooseFiles(files, folder as Parameters<typeof chooseFiles>[1])].map(({ path }) =>
    path.join('/'),
  )
}
const ASIDE = ['.gitattributes', 'README.md', 'LICENSE', 'assets/teaser.png']

test('of a repository each weight is chosen once, and what only tells of it is not', () => {
  const config = ['config.json', 'tokenizer.json', 'merges.txt']
  const repository = [
    ...[...ASIDE, ...config, 'model.safetensors', 'pytorch_model.bin', 'tf_model.h5', 'flax_model.msgpack'],
    ...['onnx/model.onnx', 'vae/diffusion_pytorch_model.safetensors', 'vae/diffusion_pytorch_model.bin'],
    ...['vae/diffusion_pytorch_model.fp16.safetensors', 'v1-5.ckpt', 'v1-5.safetensors', 'other.pt'],
  ]
  expect(chosen(repository)).toEqual([
    ...[
      ...config,
      'model.safetensors',
      'vae/diffusion_pytorch_model.safetensors',
      'v1-5.safetensors',
      'other.pt',
    ],
  ])
})

test('weights in pieces count as the same whatever the number of pieces, with their index', () => {
  const safe = [
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
  ]
  const pickled = ['pytorch_model-00001-of-00003.bin', 'pytorch_model.bin.index.json']
  expect(chosen([...safe, ...pickled])).toEqual(safe)
  expect(chosen(pickled)).toEqual(pickled)
})

test('a model as one file is chosen before the same in the folders of a pipeline', () => {
  const pipeline = ['model_index.json', 'unet/diffusion_pytorch_model.safetensors', 'unet/config.json']
  expect(chosen([...pipeline, 'sd_xl.safetensors'])).toEqual(['sd_xl.safetensors'])
  expect(chosen(pipeline)).toEqual(pipeline)
})

test('what was named is chosen as it was named: a folder whole, patterns as they are, a dataset with its pictures', () => {
  expect(chosen(['a/x.bin', 'a/README.md'], { path: ['a'] })).toEqual(['a/x.bin', 'a/README.md'])
  expect(chosen(['a.bin', 'README.md'], { include: ['*.md'] })).toEqual(['README.md'])
  expect(chosen(['README.md', 'a.png'], { repo: 'datasets/o/n' })).toEqual(['a.png'])
  expect(chosen(ASIDE)).toEqual(ASIDE)
})

test('patterns match as Python’s fnmatch does', () => {
  const matches = ['*', '*.bin', 'a/*', 'a/', 'a/b.bi?', '[a-c]/b.bin', '[!x]/*', 'a*b*n', '**', 'a/b.bin']
  for (const pattern of matches) expect([pattern, matchesGlob(pattern, 'a/b.bin')]).toEqual([pattern, true])
  const others = ['', '*.BIN', 'b*', 'a', 'a/?', '[b-c]/*', '[!a]*', '*x*', 'a.b.bin', 'a/b.bin?']
  for (const pattern of others) expect([pattern, matchesGlob(pattern, 'a/b.bin')]).toEqual([pattern, false])
  expect(matchesGlob('a[[]1].bin', 'a[1].bin')).toBe(true)
})

test('a pattern that is the text itself, or stars around its parts, matches; none takes for ever', () => {
  const text = fc.string({ maxLength: 30 }).filter((given) => !/[*?[\]]|\/$/.test(given))
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(matchesGlob(a + b, a + b)).toBe(true)
      expect(matchesGlob(`${a}*${c}`, a + b + c)).toBe(true)
      expect(matchesGlob(`*${b}*`, a + b + c)).toBe(true)
    }),
  )
  expect(matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(2000))).toBe(false)
})
