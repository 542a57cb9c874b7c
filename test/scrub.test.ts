import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scrub } from '~/scrub'

const token = fc.stringMatching(/^[\x21-\x7e]{12,80}$/)

test('no secret is left in the text, however it is wrapped', () => {
  fc.assert(
    fc.property(token, fc.string(), fc.string(), (secret, before, after) => {
      const inJson = JSON.stringify(secret).slice(1, -1)
      for (const form of [secret, encodeURIComponent(secret), inJson])
        expect(scrub(`${before}${form}${after}`, [secret])).not.toContain(form)
    }),
  )
})

test('a secret in base64 is found at each of the three offsets, in both alphabets', () => {
  fc.assert(
    fc.property(token, fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (secret, before, after) => {
      const text = Buffer.from(before + secret + after)
      for (const alphabet of ['base64', 'base64url'] as const)
        expect(scrub(text.toString(alphabet), [secret])).toContain('[secret]')
    }),
  )
})

test('what remains of a base64 text does not hold the secret any more', () => {
  fc.assert(
    fc.property(token, fc.nat(5), (secret, offset) => {
      const encoded = Buffer.from('u'.repeat(offset) + secret).toString('base64')
      const rest = scrub(encoded, [secret]).replace('[secret]', '')
      expect(Buffer.from(rest, 'base64').toString('latin1')).not.toContain(secret.slice(2, -2))
      expect(rest.length).toBeLessThan(encoded.length - (secret.length * 4) / 3 + 6)
    }),
  )
})

test('a longer secret goes whole, though it begins like a shorter one', () => {
  expect(scrub('hf_CANARYlonger', ['hf_CANARY', 'hf_CANARYlonger'])).toBe('[secret]')
})

test('text without secrets stays as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(scrub(text, [])).toBe(text)
    }),
  )
})
