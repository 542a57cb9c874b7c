import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { issuerSettings } from '~/providers/issuers'
import { nameOf, parseModelQuestion } from '~/providers/models/question'
import { Refusal } from '~/providers/refusal'
import type { ProviderId } from '~/providers/registry'

const TOKEN = 'hf_CANARYabcdefghijklmnopqrst'
const issuers = issuerSettings({
  huggingfaceEndpoint: undefined,
  civitaiEndpoint: undefined,
  downloadHosts: [],
})
const parse = (provider: ProviderId, text: string) => parseModelQuestion(provider, text, issuers)

function refusal(provider: ProviderId, text: string): Refusal | undefined {
  try {
    parse(provider, text)
  } catch (error) {
    if (error instanceof Refusal) return error as Refusal
    throw error
  }
  return undefined
}

describe('what names a model is understood', () => {
  test.each([
    ['huggingface', 'black-forest-labs/FLUX.1-dev', 'black-forest-labs/FLUX.1-dev'],
    ['huggingface', ' datasets/a/b\n', 'datasets/a/b'],
    ['huggingface', 'https://huggingface.co/a/b', 'a/b'],
    ['huggingface', 'https://huggingface.co/a/b/', 'a/b'],
    ['huggingface', 'https://hf.co/a/b/tree/main/vae', 'a/b'],
    ['huggingface', 'https://huggingface.co/a/b/discussions/7', 'a/b'],
    ['huggingface', 'https://huggingface.co/gpt2', 'gpt2'],
    ['huggingface', 'https://huggingface.co/datasets/a/b', 'datasets/a/b'],
    ['huggingface', 'huggingface.co/a/b/blob/main/vae/x.bin', 'a/b/vae/x.bin'],
    ['huggingface', 'https://huggingface.co/a/b/resolve/main/x.bin?download=true', 'a/b/x.bin'],
    ['civitai', 'https://civitai.com/models/7/a-slug?modelVersionId=12', 'model 7, version 12'],
    ['civitai', 'civitai.com/models/7', 'model 7'],
    ['civitai', 'https://civitai.red/api/download/models/12?type=Model', 'version 12'],
  ] as const)('%s %s', (provider, text, name) => {
    expect(nameOf(parse(provider, text))).toBe(name)
  })
})

describe('what names none is refused with the cure', () => {
  test.each([
    ['huggingface', '', 'bad_url', /owner\/name/],
    ['huggingface', 'flux', 'bad_url', /owner\/name/],
    ['huggingface', 'a/..', 'bad_url', /owner\/name/],
    ['huggingface', '../..', 'bad_url', /owner\/name/],
    ['huggingface', 'https://huggingface.co/', 'bad_url', /owner\/name/],
    ['huggingface', 'https://huggingface.co/datasets/a', 'bad_url', /owner\/name/],
    ['huggingface', 'https://evil.example/a/b', 'host_not_allowed', /another host/],
    ['huggingface', 'https://civitai.com/models/7', 'bad_url', /address of Civitai/],
    ['civitai', 'https://huggingface.co/a/b', 'bad_url', /address of Hugging Face/],
    ['civitai', 'a/b', 'bad_url', /https/],
    ['civitai', 'https://civitai.com/images/7', 'bad_url', /models/],
  ] as const)('%s %j', (provider, text, code, says) => {
    const found = refusal(provider, text)
    expect(found?.code).toBe(code)
    expect(found?.message).toMatch(says)
  })
})

describe('a token in what was pasted is never kept', () => {
  test.each([
    ['huggingface', `https://ada:${TOKEN}@huggingface.co/a/b`],
    ['huggingface', `https://huggingface.co/a/b?token=${TOKEN}#${TOKEN}`],
    ['huggingface', `https://huggingface.co/a/b/resolve/main/x.bin?token=${TOKEN}`],
    ['huggingface', `https://huggingface.co/a/b/tree/main/${TOKEN}`],
    ['civitai', 'https://civitai.com/api/download/models/12?token=CANARY0123456789abcdef0123456789'],
    ['civitai', 'https://civitai.com/models/7/CANARY0123456789abcdef0123456789'],
  ] as const)('dropped: %s %s', (provider, text) => {
    expect(JSON.stringify(parse(provider, text))).not.toContain('CANARY')
  })

  test.each([
    ['huggingface', TOKEN],
    ['huggingface', `a/${TOKEN}`],
    ['huggingface', `${TOKEN}/b`],
    ['huggingface', `https://huggingface.co/${TOKEN}`],
    ['huggingface', `https://huggingface.co/a/b/resolve/${TOKEN}/x.bin`],
    ['huggingface', `https://huggingface.co/a/b/resolve/main/${TOKEN}.bin`],
    ['civitai', 'https://civitai.com/models/7?type=0123456789abcdef0123456789abcdef'],
    ['civitai', '0123456789abcdef0123456789abcdef'],
  ] as const)('refused, and not repeated: %s %s', (provider, text) => {
    const found = refusal(provider, text)
    expect(found?.code).toBe('bad_url')
    expect(found?.message).not.toMatch(/CANARY|0123456789/)
  })

  it('wherever it stands in an address', () => {
    const piece = fc.constantFrom(TOKEN, 'a', 'resolve', 'main', '?token=', '&type=', '#', '/', 'datasets')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), fc.boolean(), (pieces, isBare) => {
        const text = `${isBare ? '' : 'https://huggingface.co/'}${pieces.join('/')}`
        try {
          expect(JSON.stringify(parse('huggingface', text))).not.toContain('CANARY')
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          expect(error.message).not.toContain('CANARY')
        }
      }),
    )
  })
})
