import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { API_TOKEN_PATTERN, isWholeApiToken, mintApiToken, visibleParts } from '~/db/api-token-format'

const ALPHABET = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']
const RANDOM_START = 'slipway_api_'.length

describe('an API token', () => {
  it('is found by the pattern for secret scanners wherever it stands', () => {
    for (const type of ['api', 'cli'] as const) {
      const token = mintApiToken(type)
      for (const text of [token, `TOKEN=${token}\n`, `"${token}",`, `https://x?t=${token}&y`])
        expect(text.match(new RegExp(API_TOKEN_PATTERN))?.[0]).toBe(token)
    }
  })

  it('with one character wrong, missing, doubled or swapped with its neighbour is told from a whole one', () => {
    const token = mintApiToken('api')
    expect(isWholeApiToken(token)).toBe(true)
    const place = fc.integer({ min: RANDOM_START, max: token.length - 1 })
    fc.assert(
      fc.property(place, fc.constantFrom(...ALPHABET), (at, character) => {
        const [before, after] = [token.slice(0, at), token.slice(at + 1)]
        const next = token[at + 1] ?? ''
        const broken = [before + character + after, before + after, before + token[at] + token[at] + after]
        const swapped = before + next + token[at] + token.slice(at + 2)
        for (const text of [...broken, swapped]) if (text !== token) expect(isWholeApiToken(text)).toBe(false)
      }),
    )
  })

  it('has 30 characters that nobody can foresee, each of the 62 as likely as any other', () => {
    const random = Array.from({ length: 500 }, () =>
      mintApiToken('api').slice(RANDOM_START, RANDOM_START + 30),
    )
    expect(new Set(random).size).toBe(500)
    // 15 000 characters: 242 of each are expected, 7 standard deviations are 109.
    for (const character of ALPHABET) {
      const count = random.join('').split(character).length - 1
      expect(count).toBeGreaterThan(242 - 109)
      expect(count).toBeLessThan(242 + 109)
    }
  })

  it('shows no more of itself than its kind, four characters of its start and its last four', () => {
    const token = mintApiToken('cli')
    const { visibleStart, visibleEnd } = visibleParts(token)
    expect(visibleStart).toBe(token.slice(0, 'slipway_cli_'.length + 4))
    expect(visibleEnd).toBe(token.slice(-4))
  })
})

it('anything else is no API token', () => {
  fc.assert(fc.property(fc.string(), (text) => !isWholeApiToken(text)))
  const token = mintApiToken('api')
  for (const text of [
    '',
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    token.replace('api', 'svc'),
    'hf_CANARY',
  ])
    expect(isWholeApiToken(text)).toBe(false)
})
