import { describe, expect, test } from 'vitest'
import { readHubSource } from '~/providers/models/hub-source'
import { Refusal } from '~/providers/refusal'

const base = 'https://huggingface.co'
const issuers = { huggingfaceEndpoint: base, civitaiEndpoint: undefined, trustedHosts: [] }
const read = (text: string) => readHubSource(text, issuers)
const file = (repo: string, path: string, revision = 'main') => ({
  provider: 'huggingface',
  base,
  repo,
  revision,
  path: path.split('/'),
})
const folder = (repo: string, path = '', revision = 'main', patterns = {}) => ({
  ...file(repo, path, revision),
  kind: 'folder',
  path: path ? path.split('/') : [],
  ...patterns,
})

function refusal(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'bad_url') return error.message
    throw error
  }
  return 'accepted'
}

describe('an address names', () => {
  test.each([
    ['https://huggingface.co/o/n/blob/main/vae/ae.safetensors', 'vae/ae.safetensors'],
    ['https://huggingface.co/o/n/resolve/main/vae/ae.safetensors?download=true', 'vae/ae.safetensors'],
    ['https://huggingface.co/o/n/raw/main/config.json#L3', 'config.json'],
    ['http://huggingface.co/o/n/blob/main/x.bin', 'x.bin'],
    ['huggingface.co/o/n/blob/main/x.bin', 'x.bin'],
    ['www.huggingface.co/o/n/blob/main/x.bin', 'x.bin'],
    ['hf.co/o/n/resolve/main/x.bin?token=hf_CANARYcanarycanarycanary', 'x.bin'],
    [' https://HuggingFace.co/o/n/blob/main/a%20b%20%231.bin\n', 'a b #1.bin'],
    ['https://huggingface.co/api/models/o/n/resolve/main/x.bin', 'x.bin'],
  ])('the file in %s', (text, path) => expect(read(text)).toEqual(file('o/n', path)))

  test('revisions with slashes, encoded or not', () => {
    for (const revision of ['refs%2Fpr%2F1', 'refs/pr/1']) {
      expect(read(`hf.co/o/n/blob/${revision}/a/x.bin`)).toEqual(file('o/n', 'a/x.bin', 'refs/pr/1'))
      expect(read(`hf.co/o/n/tree/${revision}/a`)).toEqual(folder('o/n', 'a', 'refs/pr/1'))
      expect(read(`hf://o/n@${revision}/a/x.bin`)).toEqual(file('o/n', 'a/x.bin', 'refs/pr/1'))
    }
  })

  test.each([
    ['https://huggingface.co/o/n', folder('o/n')],
    ['https://huggingface.co/o/n/', folder('o/n')],
    ['https://huggingface.co/o/n/tree', folder('o/n')],
    ['https://huggingface.co/o/n/tree/main', folder('o/n')],
    ['https://huggingface.co/o/n/tree/v1.0/unet/sub/', folder('o/n', 'unet/sub', 'v1.0')],
    ['https://huggingface.co/o/n/discussions/4', folder('o/n')],
    ['https://huggingface.co/o/n/commit/0123abc', folder('o/n', '', '0123abc')],
    ['https://huggingface.co/gpt2', folder('gpt2')],
    ['https://huggingface.co/datasets/o/n', folder('datasets/o/n')],
    ['https://huggingface.co/datasets/o/n/tree/main/data', folder('datasets/o/n', 'data')],
    ['https://huggingface.co/api/datasets/o/n/tree/main/data?recursive=true', folder('datasets/o/n', 'data')],
    ['https://huggingface.co/api/models/o/n/revision/v2', folder('o/n', '', 'v2')],
  ])('the folder or repository in %s', (text, source) => expect(read(text)).toEqual(source))

  test('a repository of a mirror, in the mirror’s terms and in those of the public site', () => {
    const mirror = { ...issuers, huggingfaceEndpoint: 'http://mirror.internal:8080/hf' }
    for (const text of ['http://mirror.internal:8080/hf/o/n', 'https://huggingface.co/o/n', 'o/n'])
      expect(readHubSource(text, mirror)).toMatchObject({ base: mirror.huggingfaceEndpoint, repo: 'o/n' })
  })
})

test.each([
  ['o/n', folder('o/n')],
  ['o/n@v1.0', folder('o/n', '', 'v1.0')],
  ['o/n/split_files/vae', folder('o/n', 'split_files/vae')],
  ['o/n/split_files/ae.safetensors', file('o/n', 'split_files/ae.safetensors')],
  ['datasets/o/n', folder('datasets/o/n')],
  ['datasets/o/n@v2/data/a.parquet', file('datasets/o/n', 'data/a.parquet', 'v2')],
  ['hf://o/n', folder('o/n')],
  ['hf://models/o/n/x.safetensors', file('o/n', 'x.safetensors')],
  ['hf://o/n@v1.0/dir/a b.bin', file('o/n', 'dir/a b.bin', 'v1.0')],
  ['hf://o/n/dir.v1/', folder('o/n', 'dir.v1')],
  ['hf://datasets/o/n/data/a.parquet', file('datasets/o/n', 'data/a.parquet')],
])('the short form %s is understood', (text, source) => expect(read(text)).toEqual(source))

test('what is not Hugging Face’s is left to others', () => {
  for (const text of [
    '',
    'https://civitai.com/models/1',
    'https://huggingface.co.evil.example/o/n',
    'https://evil.example/huggingface.co/o/n',
    'https://huggingface.co:8443/o/n',
    'https://huggingface.co@evil.example/o/n',
    'ftp://huggingface.co/o/n',
    'urn:air:sdxl:lora:civitai:1@2',
    'civitai:1@2',
    'civitai.com/models/1',
    'example.com/file.safetensors',
    'models/loras',
    'a word and o/n',
    'wget https://huggingface.co/o/n',
    'C:\\models\\x.bin',
    '/workspace/models/x.bin',
  ])
    expect([text, read(text)]).toEqual([text, undefined])
})

test('what is Hugging Face’s and can’t be downloaded is refused with the cure', () => {
  for (const text of [
    'https://huggingface.co',
    'https://huggingface.co/',
    'https://huggingface.co/models',
    'https://huggingface.co/datasets',
    'https://huggingface.co/docs/hub',
    'https://huggingface.co/settings/tokens',
    'https://huggingface.co/collections/o/n',
    'https://huggingface.co/o/n/blob/main',
    'https://huggingface.co/o/n/blob/main/..%2Fx',
    'https://huggingface.co/o/n/tree/main/a//b',
    'https://huggingface.co/o/n/tree/main/%zz',
    'https://huggingface.co/o/n/settings',
  ])
    expect([text, refusal(text)]).toEqual([text, expect.stringMatching(/^Paste owner\/name/)])
  for (const text of [
    'https://huggingface.co/spaces/o/n',
    'hf.co/spaces/o/n/tree/main',
    'hf://spaces/o/n/app.py',
  ])
    expect([text, refusal(text)]).toEqual([text, expect.stringMatching(/is a Space/)])
  expect(refusal('hf://o')).toMatch(/hf:\/\/owner\/name/)
  expect(refusal('hf://o/n/../x.bin')).toMatch(/file’s path/)
  expect(refusal('hf://o/n/a\uD800.bin')).toMatch(/file’s path/)
  expect(refusal('https://huggingface.co/o/n/blob/hf_CANARYcanarycanarycanary/x')).toMatch(/a token in/)
})
