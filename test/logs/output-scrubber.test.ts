import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { secretForms } from '~/scrub'
import { outputScrubber } from '~/worker/logs/output-scrubber'

const TOKEN = 'hf_CANARY+/=?ü"0123456789'
const latin1 = (text: string) => Buffer.from(text).toString('latin1')
const utf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8')

function scrubbed(pieces: readonly string[], secrets: readonly string[]): string {
  const scrubber = outputScrubber(secrets)
  return pieces.map((piece) => scrubber.push(piece)).join('') + scrubber.end()
}

/** Cut at each of the places. */
const cutAt = (text: string, places: readonly number[]) =>
  [0, ...places.toSorted((a, b) => a - b)].map((from, n, all) => text.slice(from, all[n + 1]))

describe('a secret is hidden wherever the output is cut', () => {
  const forms = {
    'as it is': TOKEN,
    'URL-encoded': encodeURIComponent(TOKEN),
    'URL-encoded in lower case': encodeURIComponent(TOKEN).replace(/%../g, (code) => code.toLowerCase()),
    'in a form': new URLSearchParams({ t: TOKEN }).toString().slice(2),
    'in JSON': JSON.stringify(TOKEN).slice(1, -1),
  }
  it.each(Object.entries(forms))('%s', (_how, form) => {
    const text = latin1(`before ${form} after\n`)
    const whole = 'before [secret] after\n'
    for (let at = 0; at <= text.length; at++) expect(scrubbed(cutAt(text, [at]), [TOKEN])).toBe(whole)
    expect(scrubbed([...text], [TOKEN])).toBe(whole)
  })

  it.each([0, 1, 2])('in base64, %i bytes after a multiple of three', (offset) => {
    const encoded = Buffer.from(`${'u'.repeat(offset)}${TOKEN}`).toString('base64')
    for (const text of [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')]) {
      const [whole, ...others] = [...new Set([...text].map((_, at) => scrubbed(cutAt(text, [at]), [TOKEN])))]
      expect(others).toEqual([])
      expect(Buffer.from(whole?.replace('[secret]', '') ?? '', 'base64').toString()).not.toMatch(
        /CANARY|123456/,
      )
    }
  })
})

const bytes = fc.uint8Array({ maxLength: 60 }).map((found) => Buffer.from(found).toString('latin1'))
// Few different characters: they repeat themselves and overlap each other.
const secret = fc.oneof(fc.stringMatching(/^[ab]{4,9}$/), fc.stringMatching(/^hf_[\x21-\x7e]{8,30}$/))

test('however it is cut, and whatever is around it, no secret in any form is left, and the cuts don’t show', () => {
  const scenario = fc
    .tuple(fc.uniqueArray(secret, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(), { maxLength: 8 }))
    .chain(([secrets, cuts]) =>
      fc.record({
        secrets: fc.constant(secrets),
        cuts: fc.constant(cuts),
        text: fc
          .array(
            fc.oneof(
              bytes,
              fc.stringMatching(/^[ab]{0,12}$/),
              fc.constantFrom(...secretForms(secrets).map(latin1)),
            ),
            { maxLength: 8 },
          )
          .map((parts) => parts.join('')),
      }),
    )
  fc.assert(
    fc.property(scenario, ({ secrets, cuts, text }) => {
      const pieces = cutAt(
        text,
        cuts.map((cut) => cut % (text.length + 1)),
      )
      const told = scrubbed(pieces, secrets)
      expect(told).toBe(scrubbed([text], secrets))
      // What is hidden stands in the way: only what was next to each other before can be found.
      for (const part of told.split('[secret]'))
        for (const form of secretForms(secrets)) expect(part).not.toContain(latin1(form))
    }),
    { numRuns: 2000 },
  )
})

test('what holds no secret comes out byte by byte as it went in', () => {
  fc.assert(
    fc.property(fc.array(bytes), (pieces) => {
      expect(scrubbed(pieces, ['nowhere to be found'])).toBe(pieces.join(''))
    }),
  )
})

test('a line isn’t held back until the next one, a question isn’t held back at all', () => {
  const scrubber = outputScrubber([TOKEN])
  expect(scrubber.push('Loading …\n')).toBe('Loading …\n')
  expect(scrubber.push('Continue? ')).toBe('Continue? ')
})

test('a secret whose printing was cut short is hidden as far as it came', () => {
  for (let length = 4; length < latin1(TOKEN).length; length++)
    expect(scrubbed([`token: ${latin1(TOKEN).slice(0, length)}`], [TOKEN])).toBe('token: [secret]')
})

test('of two secrets the longer one goes whole, though it begins like the other', () => {
  const text = 'hf_CANARYlonger hf_CANARY\n'
  for (let at = 0; at < text.length; at++)
    expect(scrubbed(cutAt(text, [at]), ['hf_CANARY', 'hf_CANARYlonger'])).toBe('[secret] [secret]\n')
})

test('secrets that overlap leave nothing of either', () => {
  for (let at = 0; at < 8; at++) expect(scrubbed(cutAt('abcabcab', [at]), ['abcab'])).toBe('[secret]')
})

test('other languages come through', () => {
  expect(utf8(scrubbed([...latin1('Größe 模型 ✓ \n')], [TOKEN]))).toBe('Größe 模型 ✓ \n')
})
