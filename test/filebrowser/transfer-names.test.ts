import { basename, dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeName } from '~/filebrowser/transfers/file-name'
import { isPart, partPath } from '~/filebrowser/workspace/parts'
import { isPickle } from '~/providers/models/formats'

const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '\0',
    '\n',
    '\u202e',
    '\ud800',
    '.slipway',
    '.slipway-x.part',
    'ß'.repeat(300),
  ),
)

test('whatever a source calls its file, the name is one of a file in the folder itself', () => {
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (given) => {
        const name = safeName(given)
        expect(dirname(join('/folder', name))).toBe('/folder')
        expect(basename(name)).toBe(name)
        expect(['', '.', '..']).not.toContain(name)
        expect(name).not.toMatch(/[\p{Cc}\p{Cs}\\\u202a-\u202e]|^\.slipway/u)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        expect(safeName(name)).toBe(name)
      },
    ),
    { numRuns: 2000 },
  )
})

test('a name that is fine stays as it is', () => {
  for (const name of [
    'model.safetensors',
    '模型 #1.bin',
    '.gitattributes',
    'a b (copy).pt',
    '…',
    'v1.0',
    'slipway',
  ])
    expect(safeName(name)).toBe(name)
})

test.each([
  ['../../x', 'x'],
  ['..\\..\\x.pt', 'x.pt'],
  ['a/b/', 'b'],
  ['.slipway-1.part', 'slipway-1.part'],
  ['..slipway', 'slipway'],
  ['a\u202egnp.exe', 'agnp.exe'],
  ['..', 'download'],
  ['/', 'download'],
  ['', 'download'],
  [`${'é'.repeat(200)}.safetensors`, `${'é'.repeat(121)}.safetensors`],
])('%j becomes %j', (given, name) => {
  expect(safeName(given)).toBe(name)
})

test('formats that can run code when they are loaded are known by their names', () => {
  for (const name of ['a.ckpt', 'a.PT', 'a.pth', 'a.bin', 'a.pkl', 'a.pt2']) expect(isPickle(name)).toBe(true)
  for (const name of ['a.safetensors', 'a.gguf', 'pt', 'a.ckpt.json', 'a.bin.txt'])
    expect(isPickle(name)).toBe(false)
})

test('half-written files are known by their names', () => {
  expect(isPart(basename(partPath('/a', '0b8c-1')))).toBe(true)
  for (const name of ['a.part', '.slipway', '.slipway-.part', '.slipway-a.part.txt', 'x.slipway-a.part'])
    expect(isPart(name)).toBe(false)
})
