import { expect, test } from 'vitest'
import { lineFeed } from '~/cli/output/line-feed'

function fed(...parts: string[]) {
  const printed: string[] = []
  const feed = lineFeed((line) => printed.push(line))
  for (const part of parts) feed.add(part)
  const before = [...printed]
  feed.end()
  return { before, after: printed }
}

test('a line is printed once it is whole, and what has no end at the end', () => {
  expect(fed('one\ntw', 'o\r\nthr', 'ee')).toEqual({ before: ['one', 'two'], after: ['one', 'two', 'three'] })
})

test('a sequence that is cut at any place is taken out as a whole', () => {
  const line = 'a\u001b[31mb\u001b]0;title\u0007c\u001b[0m\n'
  for (let at = 0; at <= line.length; at++)
    expect(fed(line.slice(0, at), line.slice(at)).after).toEqual(['abc'])
})

test('of a bar only the last state is printed, and a long one takes no memory', () => {
  const states = Array.from({ length: 5000 }, (_, n) => `\r${n} of 4999 ${'#'.repeat(100)}`)
  const { before, after } = fed(...states, '\r\n')
  expect(before).toEqual(after)
  expect(after).toEqual([`4999 of 4999 ${'#'.repeat(100)}`])
})

test('a line without an end is printed in parts', () => {
  const { before } = fed('x'.repeat(70_000), 'y\n')
  expect(before).toEqual(['x'.repeat(70_000), 'y'])
})
