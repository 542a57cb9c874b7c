import { expect, test } from 'vitest'
import { readHubSource } from '~/providers/models/hub-source'
import { Refusal } from '~/providers/refusal'

const base = 'https://huggingface.co'
const issuers = { huggingfaceEndpoint: base, civitaiEndpoint: undefined, trustedHosts: [] }
const read = (text: string) => readHubSource(text, issuers)
const file = (path: string, repo = 'o/n', revision = 'main') => ({
  provider: 'huggingface',
  base,
  repo,
  revision,
  path: path.split('/'),
})
const folder = (patterns = {}, repo = 'o/n', revision = 'main', path: string[] = []) => ({
  kind: 'folder',
  provider: 'huggingface',
  base,
  repo,
  revision,
  path,
  ...patterns,
})

test.each([
  ['hf download o/n', folder()],
  ['$ hf download gpt2', folder({}, 'gpt2')],
  ['!huggingface-cli download o/n', folder()],
  ['hf download o/n vae/ae.safetensors --local-dir models/vae', file('vae/ae.safetensors')],
  ['HF_TOKEN=hf_CANARYcanarycanarycanary hf download o/n x.bin', file('x.bin')],
  ['hf download --token hf_CANARYcanarycanarycanary o/n x.bin', file('x.bin')],
  ['hf download o/n x.bin --token=hf_CANARYcanarycanarycanary', file('x.bin')],
  ['hf download o/n x.bin --revision refs/pr/1', file('x.bin', 'o/n', 'refs/pr/1')],
  ['hf download o/n@v1 x.bin', file('x.bin', 'o/n', 'v1')],
  ['hf download o/n --repo-type dataset --revision=v2', folder({}, 'datasets/o/n', 'v2')],
  ['hf download --type dataset o/n', folder({}, 'datasets/o/n')],
  ['hf download o/n unet/', folder({}, 'o/n', 'main', ['unet'])],
  ['hf download o/n a.bin "b [1].bin"', folder({ include: ['a.bin', 'b [[]1].bin'] })],
  ["hf download o/n 'a b.bin'", file('a b.bin')],
  ['hf download o/n a\\ b.bin', file('a b.bin')],
  [
    'hf download o/n --include "*.safetensors" --include=*.json',
    folder({ include: ['*.safetensors', '*.json'] }),
  ],
  [
    'hf download o/n --include *.safetensors *.json --exclude "*fp16*"',
    folder({ include: ['*.safetensors', '*.json'], exclude: ['*fp16*'] }),
  ],
  ['hf download --include "*.safetensors" o/n', folder({ include: ['*.safetensors'] })],
  ['hf download o/n "*.safetensors"', folder({ include: ['*.safetensors'] })],
  ['hf download o/n x.bin --include "*.json"', file('x.bin')],
  [
    'hf download o/n x.bin --quiet --max-workers 8 --local-dir-use-symlinks False --never-heard-of',
    file('x.bin'),
  ],
  ['hf download \\\r\n  o/n \\\n  x.bin --local-dir .', file('x.bin')],
  ['pip install -U huggingface_hub && hf download o/n x.bin && ls', file('x.bin')],
  ['cd models\nhf download o/n x.bin > log.txt', file('x.bin')],
  ['hf download o/n -- --odd.bin', file('--odd.bin')],
  ['hf_hub_download(repo_id="o/n", filename="x.bin", token="hf_CANARYcanarycanarycanary")', file('x.bin')],
  ["path = hf_hub_download('o/n', 'x.bin', subfolder='vae', revision='v1')", file('vae/x.bin', 'o/n', 'v1')],
  [
    'snapshot_download("o/n", repo_type="dataset", allow_patterns=["*.json", "*.md"], ignore_patterns="a*")',
    folder({ include: ['*.json', '*.md'], exclude: ['a*'] }, 'datasets/o/n'),
  ],
])('%s', (text, source) => {
  expect(read(text)).toEqual(source)
  expect(JSON.stringify(source)).not.toContain('CANARY')
})

test('a command that downloads nothing from here is refused, and says why', () => {
  const refusal = (text: string): string => {
    try {
      return JSON.stringify(read(text))
    } catch (error) {
      if (error instanceof Refusal && error.code === 'bad_url') return error.message
      throw error
    }
  }
  expect(refusal('hf upload o/n .')).toMatch(/only “hf download/)
  expect(refusal('hf download')).toMatch(/names no repository/)
  expect(refusal('hf download --repo-type space o/n')).toMatch(/is a Space/)
  expect(refusal('hf download --repo-type bucket o/n')).toMatch(/kind of repository/)
  expect(refusal('hf download ../n')).toMatch(/repository’s name/)
  expect(refusal('hf download o/n ../x.bin')).toMatch(/file’s path/)
  expect(refusal('hf download o/n x.bin --revision ../x')).toMatch(/revision/)
  expect(refusal('hf download o/n hf_CANARYcanarycanarycanary')).toMatch(/a token in what you pasted/)
  expect(refusal(`hf download o/n ${Array.from({ length: 101 }, (_, n) => `${n}.bin`).join(' ')}`)).toMatch(
    /too many files/,
  )
  expect(refusal('hf_hub_download(repo)')).toMatch(/repository’s name/)
})
