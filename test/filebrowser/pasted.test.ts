import { expect, test } from 'vitest'
import { readSource, splitPasted } from '~/filebrowser/preflight/read-source'
import { testIssuers } from '../providers/issuers'

function read(text: string) {
  const { settings } = testIssuers({ huggingface: 'https://huggingface.co' })
  return splitPasted(text).map((each) => readSource(each, settings))
}
const model = { provider: 'huggingface', repo: 'o/n', path: ['model.safetensors'] }

test.each([
  'hf download o/n model.safetensors',
  '$ hf download o/n model.safetensors --local-dir models',
  '!hf download o/n model.safetensors',
  'HF_XET=1 huggingface-cli download o/n model.safetensors',
  'cd models && hf download o/n model.safetensors',
  'cd hf && hf download o/n model.safetensors',
  'hf auth login; hf download o/n model.safetensors',
  'uvx hf download o/n model.safetensors',
  'uvx --from huggingface_hub hf.exe download o/n model.safetensors',
  'pip install -U "huggingface_hub[cli]" && /usr/bin/hf download o/n model.safetensors',
  'hf download \\\n  o/n \\\r\n  model.safetensors',
  'from huggingface_hub import hf_hub_download\nx = hf_hub_download(\n  "o/n",\n  filename="model.safetensors",\n)',
])('a copied command is one thing, whatever stands before it and however many lines it has: %j', (text) => {
  expect(read(text)).toMatchObject([model])
})

test('what stands beside a command or a call is read as well', () => {
  const call = 'hf_hub_download(\n  repo_id="o/n",\n  filename="model.safetensors",\n)'
  const text = `o/a o/b\n${call}\n!hf download o/n model.safetensors --revision v2\no/c`
  expect(read(text)).toMatchObject([
    { repo: 'o/a', kind: 'folder' },
    { repo: 'o/b', kind: 'folder' },
    model,
    { ...model, revision: 'v2' },
    { repo: 'o/c', kind: 'folder' },
  ])
})

test('another command of that program is told as what it is', () => {
  expect(() => read('hf upload o/n model.safetensors')).toThrow(/only “hf download/)
})
