import { expect, test } from 'vitest'
import { facts } from '~/cli/output/facts'
import { table } from '~/cli/output/table'
import { textWidth } from '~/cli/output/text-width'

interface Row {
  id: string
  name: string
  note: string
}
const COLUMNS = [
  { title: 'ID', of: ({ id }: Row) => id },
  { title: 'NAME', of: ({ name }: Row) => name, shrinks: true },
  { title: 'NOTE', of: ({ note }: Row) => note, shrinks: true },
]
const shown = (rows: Row[], width?: number) => table(rows, COLUMNS, { width, empty: 'None yet.' })

test('no rows are a sentence', () => {
  expect(shown([])).toBe('None yet.')
})

test.each([
  ['plain', 5],
  ['模型', 4],
  ['한국', 4],
  ['🎨', 2],
  ['❤️', 2],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
  ['\u200b', 0],
  ['ﾊ', 1],
])('%j takes %i columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns)
})

test('columns are aligned, whatever the width of what stands in them, without a tab or a blank at the end', () => {
  const rows = [
    { id: 'a', name: 'Studio', note: 'one' },
    { id: 'bc', name: '模型 🎨', note: '' },
    { id: 'd', name: 'e\u0301te\u0301', note: 'two' },
  ]
  expect(shown(rows)).toBe(
    ['ID  NAME     NOTE', 'a   Studio   one', 'bc  模型 🎨', 'd   e\u0301te\u0301      two'].join('\n'),
  )
})

test('without a terminal nothing is cut, and what is no line stays none', () => {
  const row = { id: 'a', name: 'x'.repeat(10_000), note: 'two\nlines\tand \u001b[2Ja \u202esequence' }
  const [, line = '', ...rest] = shown([row]).split('\n')
  expect(rest).toEqual([])
  expect(line).toBe(`a   ${'x'.repeat(10_000)}  two lines and a sequence`)
})

test('a narrow terminal cuts the longest that may be cut, and never an id', () => {
  const rows = [
    { id: 'abcdefghijklmnop', name: '模型'.repeat(10), note: 'A sentence that is rather long.' },
    { id: 'a', name: 'Studio', note: 'Short.' },
  ]
  const lines = shown(rows, 50).split('\n')
  expect(lines[1]).toMatch(/^abcdefghijklmnop {2}模型模型模型模… {2,3}A sentence tha…$/)
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(50)
  expect(shown(rows, 10)).toContain('abcdefghijklmnop')
})

test('facts stand below each other, those without a value left out', () => {
  expect(
    facts(['Name', 'Studio'], ['Ends', null], ['Notes', ['One.', 'Two\u001b[2J\nlines.']], ['None', []]),
  ).toBe('Name   Studio\nNotes  One.\n       Two lines.')
})
