import { expect, test } from 'vitest'
import { codeIn } from '~/app/device-code'

test.each([
  'BCDF2345',
  'bcdf-2345',
  ' b c d f  2 3 4 5 ',
  'BCDF\u20132345',
  'BCDF \u2212 2345',
  'BCDF\u00a02345\u200b',
  'ＢＣＤＦ－２３４５',
  '“BCDF-2345”.',
  'Your code: BCDF-2345',
  'Open http://home:3000/cli-auth and enter BCDF-2345',
  'ports: 8080, core 2345; code BCDF-2345',
  'First open the page and type bcdf-2345 (good for 10 minutes)',
])('a code is found in %j', (text) => {
  expect(codeIn(text).toUpperCase()).toBe('BCDF2345')
})

test.each([
  '',
  '  ',
  'BCDF',
  'XBCDF-2345',
  'BCDF-23456',
  'http://home:3000/',
  'ABCD-1234',
  'nothing of the kind',
])('where there is no code, as in %j, what was typed is looked up', (text) => {
  expect(codeIn(text)).toBe(text.trim())
})
