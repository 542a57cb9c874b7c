import { expect, test } from 'vitest'
import { plainLine, plainText } from '~/log-text'

test('a line shows what was written over it last, without the returns at its end', () => {
  expect(plainText('10 %\r20 %\r\nnext\r\r\n\r')).toBe('20 %\nnext\n')
  expect(plainLine('\x1b[32mgreen\x1b[0m\r')).toBe('green')
})

test.each([
  ['returns', '\r'.repeat(400_000), ''],
  ['returns and then a word', `${'\r'.repeat(400_000)}word`, 'word'],
  ['returns between words', 'word\r'.repeat(200_000), 'word'],
  ['beginnings of colours', `${'\x1b['.repeat(500_000)}m`, ''],
  ['one long beginning of a colour', `\x1b[${'1'.repeat(400_000)}`, '1'.repeat(400_000)],
  ['beginnings of titles', '\x1b]'.repeat(500_000), ''],
])('a line of 400 kB of %s holds nothing up', (_what, line, shown) => {
  expect(plainLine(line) === shown).toBe(true)
})
