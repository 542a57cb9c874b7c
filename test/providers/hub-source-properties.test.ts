import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IssuerSettings } from '~/providers/issuers'
import { hubFileAddress, hubFolderAddress } from '~/providers/models/hub-address'
import { readHubSource } from '~/providers/models/hub-source'
import { type HubFile, type HubFolder, isPlainName, parseModelUrl } from '~/providers/models/source'
import { Refusal } from '~/providers/refusal'

const TOKEN = 'hf_CANARYcanarycanarycanary'
const issuers: IssuerSettings[] = [
  { huggingfaceEndpoint: 'https://huggingface.co', civitaiEndpoint: undefined, trustedHosts: [] },
  { huggingfaceEndpoint: 'http://mirror.internal:8080/hf', civitaiEndpoint: undefined, trustedHosts: [] },
]

const odd = fc.constantFrom(
  ...[
    '..',
    '.',
    '%2e%2e',
    '%2f',
    '%00',
    '%0a',
    '\\',
    '//',
    '@',
    '?',
    '#',
    '=',
    '"',
    "'",
    ' ',
    '\n',
    '*',
    '[',
  ],
  ...['resolve', 'blob', 'tree', 'raw', 'main', 'refs/pr/1', 'datasets', 'spaces', 'api/models', 'o', 'n'],
  ...['--include', '--exclude=*', '--revision', '--repo-type dataset', 'filename=', 'repo_id="o/n"', ','],
  ...[`--token ${TOKEN}`, `?token=${TOKEN}`, TOKEN, `@${TOKEN}`, '\uD800'],
)
const start = fc.constantFrom(
  ...['https://huggingface.co/', 'http://mirror.internal:8080/hf/', 'hf.co/', 'hf://', 'hf://datasets/', ''],
  ...['o/n', 'https://huggingface.co/o/n/resolve/main/', 'https://huggingface.co/o/n/tree/'],
  ...[
    'hf download ',
    'hf download o/n ',
    'huggingface-cli download ',
    'hf_hub_download(',
    'snapshot_download(',
  ],
)
const piece = fc.oneof(odd, odd, fc.string(), fc.string({ unit: 'grapheme' }))
const pasted = fc
  .tuple(start, fc.array(fc.tuple(fc.constantFrom('', '/', ' '), piece), { maxLength: 8 }))
  .map(([first, pieces]) => first + pieces.flat().join(''))

test('whatever is pasted names something clean inside a repository, or is refused, and holds no token', () => {
  const seen = { file: 0, folder: 0, refused: 0, none: 0 }
  fc.assert(
    fc.property(pasted, fc.constantFrom(...issuers), (text, settings) => {
      let source: HubFile | HubFolder | undefined
      try {
        source = readHubSource(text, settings)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
        expect((error as Refusal).code).toBe('bad_url')
        expect((error as Refusal).message).not.toContain('CANARY')
        seen.refused++
        return
      }
      seen[source ? (source.kind ?? 'file') : 'none']++
      if (!source) return
      expect(source.base).toBe(settings.huggingfaceEndpoint)
      for (const name of [...source.repo.split('/'), ...source.revision.split('/'), ...source.path])
        expect([name, isPlainName(name)]).toEqual([name, true])
      if (!source.kind) expect(source.path.length).toBeGreaterThan(0)
      expect(JSON.stringify(source)).not.toContain('CANARY')
      const address = source.kind ? hubFolderAddress(source) : hubFileAddress(source)
      expect(new URL(address).host).toBe('huggingface.co')
    }),
    { numRuns: 3000, seed: 5 },
  )
  for (const [kind, times] of Object.entries(seen)) expect([kind, times > 50]).toEqual([kind, true])
})

const name = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((text) => isPlainName(text) && !/\p{Surrogate}/u.test(text))
const revision = fc.oneof(
  fc.constantFrom(
    'main',
    'v1.0',
    'refs/pr/1',
    'refs/convert/parquet',
    '0123456789abcdef0123456789abcdef01234567',
  ),
  name,
)
const repo = fc.constantFrom('o/n', 'Comfy-Org/flux1-dev', 'datasets/o/n', 'gpt2')

test('the address that stands for a file or a folder is read as that again, through any endpoint', () => {
  fc.assert(
    fc.property(
      repo,
      revision,
      fc.array(name, { maxLength: 4 }),
      fc.constantFrom(...issuers),
      (repo, revision, path, settings) => {
        const place = {
          provider: 'huggingface',
          base: settings.huggingfaceEndpoint,
          repo,
          revision,
          path,
        } as const
        expect(readHubSource(hubFolderAddress(place), settings)).toEqual({ ...place, kind: 'folder' })
        if (path.length === 0) return
        expect(readHubSource(hubFileAddress(place), settings)).toEqual(place)
        expect(parseModelUrl(hubFileAddress(place), settings)).toEqual(place)
      },
    ),
    { numRuns: 500 },
  )
})
