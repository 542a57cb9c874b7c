import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mediaOf, servedAs } from '~/worker/requests/media'
import { plainName, uniqueName } from '~/worker/requests/plain-name'

/** Half of them the odd ones of names. */
const anySign = fc.oneof(
  fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
  fc.constantFrom(...'./\\: ?ab漢\u0000\u202e\ud800\u2028'),
)
const bytes = (text: string) => Buffer.from(text, 'latin1')

test.for([
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff\xe0'],
  ['image/webp', 'RIFF\x10\0\0\0WEBPVP8 '],
  ['image/gif', 'GIF89a'],
  ['video/mp4', '\0\0\0\x20ftypisom'],
  ['video/mp4', '\0\0\0\x18ftypmp42'],
  ['video/quicktime', '\0\0\0\x14ftypqt  '],
  ['audio/mp4', '\0\0\0\x1cftypM4A '],
  ['video/webm', '\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm'],
  ['audio/wav', 'RIFF\x10\0\0\0WAVEfmt '],
  ['audio/mpeg', 'ID3\x04\0'],
  ['audio/mpeg', '\xff\xfb\x90\x64'],
  ['audio/flac', 'fLaC\0'],
  ['audio/ogg', 'OggS\0\x02'],
])('%s is known by its first bytes', ([mediaType, head = '']) => {
  expect(mediaOf(bytes(head))?.mediaType).toBe(mediaType)
})

test.for([
  ['HTML', '<!doctype html>'],
  ['HTML that begins like a box', '<!--ftypisom--><script>'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['SVG behind a byte order mark', '\xff\xfe<\0s\0v\0g\0'],
  ['AVIF', '\0\0\0\x20ftypavif'],
  ['HEIC', '\0\0\0\x20ftypheic'],
  ['Matroska', '\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska'],
  ['another RIFF', 'RIFF\x10\0\0\0AVI LIST'],
  ['a sound of another layer', '\xff\xf1\x50\x80'],
  ['half of a mark', '\x89PNG'],
  ['PDF', '%PDF-1.7'],
])('%s is none of them', ([_, head = '']) => {
  expect(mediaOf(bytes(head))).toBeUndefined()
})

test('text is never served as anything but bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'<>!-a \n"/svg\u0000ft') }), (text) => {
      expect(servedAs('a.png', bytes(text))).toBe('application/octet-stream')
    }),
  )
})

test('whatever a file is called, its name is one that it may have anywhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: anySign, maxLength: 300 }), (given) => {
      const name = plainName(given)
      expect(name).not.toMatch(/[\p{C}\p{Zl}\p{Zp}<>:"|?*/\\]|^\.|[. ]$|^$/u)
      expect(name.length).toBeLessThanOrEqual(120)
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(250)
      expect(plainName(name)).toBe(name)
    }),
    { numRuns: 200 },
  )
})

test.for([
  ['COM1.png', '_COM1.png'],
  ['nul', '_nul'],
  ['lpt¹.txt', '_lpt¹.txt'],
  ['console.txt', 'console.txt'],
  ['.bashrc', 'bashrc'],
  ['trailing. . ', 'trailing'],
  [`${'x'.repeat(300)}.safetensors`, `${'x'.repeat(104)}.safetensors`],
  [`${'漢'.repeat(300)}.png`, `${'漢'.repeat(78)}.png`],
])('%s becomes %s', ([given = '', name]) => {
  expect(plainName(given)).toBe(name)
})

test('names of one request differ, and stay short', () => {
  const taken = new Set<string>()
  const name = plainName(`${'x'.repeat(300)}.png`)
  const all = Array.from({ length: 200 }, () => uniqueName(name, taken))
  expect(new Set(all.map((each) => each.toLowerCase())).size).toBe(200)
  expect(Math.max(...all.map((each) => each.length))).toBeLessThanOrEqual(120)
  expect(all[1]).toMatch(/x-2\.png$/)
})
