import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openOutput } from '~/cli/output/output'
import { plain, plainJson } from '~/cli/output/plain'
import { withoutTokens } from '~/cli/output/without-tokens'

const ESC = '\u001b'
const HOSTILE = [
  ['a colour', `${ESC}[31mred${ESC}[0m`, 'red'],
  ['a cursor', `one${ESC}[2J${ESC}[1;1Htwo`, 'onetwo'],
  ['a title', `${ESC}]0;title\u0007text`, 'text'],
  ['a clipboard', `${ESC}]52;c;aGk=${ESC}\\text`, 'text'],
  ['a device string', `${ESC}P1$rq${ESC}\\text`, 'text'],
  ['a carriage return', 'good\rbad', 'goodbad'],
  ['a title that never ends, up to the end of its line', `${ESC}]0;title\ntext`, '\ntext'],
  ['backspaces', 'ab\b\bcd', 'abcd'],
  ['C1 controls', '\u009b31mred', '31mred'],
  ['a turned direction', 'a\u202etxt.exe', 'atxt.exe'],
  ['lines and tabs, which stay', 'a\tb\nc', 'a\tb\nc'],
] as const

test.each(HOSTILE)('nothing that a terminal acts upon is shown: %s', (_what, text, shown) => {
  expect(plain(text)).toBe(shown)
})

test('no control character gets through, and plain text stays as it is', () => {
  const hostile = fc
    .array(fc.oneof(fc.constantFrom(ESC, '[', ']', '0', ';', 'm', '\u0007', '\\', 'P'), fc.string()))
    .map((pieces) => pieces.join(''))
  fc.assert(fc.property(hostile, (text) => !/(?![\n\t])\p{Cc}/u.test(plain(text))))
  const usual = fc.string({ unit: fc.constantFrom(...'ab [;m\n\t') })
  fc.assert(fc.property(usual, (text) => plain(text) === text))
})

test('JSON reads the same, with every sign escaped that a terminal would act upon', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = plainJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
  expect(plainJson({ name: '\u009b31m\u202e' })).toBe('{"name":"\\u009b31m\\u202e"}')
})

test.each([
  ['of Slipway', 'slipway_cli_CANARY0123', 'slipwa…'],
  ['of Hugging Face', 'a hf_CANARY0123 in the middle', 'a hf_CAN… in the middle'],
  ['of Hugging Face in an address', '?input=%22hf_CANARY0123%22', '?input=%22hf_CAN…%22'],
  ['of Civitai', '0123456789abcdef0123456789abcdef', '012345…'],
])('a token is cut to its start wherever it turns up: %s', (_whose, text, shown) => {
  expect(withoutTokens(text)).toBe(shown)
})

test('a value that is concealed is in no line, in none of its forms', () => {
  const written: string[] = []
  const stream = () => new PassThrough().on('data', (chunk) => written.push(String(chunk)))
  for (const mode of ['pretty', 'json'] as const) {
    const options = { mode, quiet: false, verbosity: 2 }
    const output = openOutput(
      options,
      { stdout: stream(), stderr: stream() },
      { noColor: true, isDumb: true },
    )
    output.conceal('CANARY/odd"shape')
    const text = `CANARY/odd"shape ${encodeURIComponent('CANARY/odd"shape')} ${btoa('CANARY/odd"shape')}`
    output.payload({ text }, text)
    output.raw(text)
    output.error(text)
    output.warn(text)
    output.notice({ text }, text)
    output.progress('tag', text)
    output.trace(1, text)
  }
  const all = written.join('')
  expect(all).toContain('[secret]')
  expect(all).not.toMatch(/CANARY|Q0FOQVJ|FOQVJZ/)
})
