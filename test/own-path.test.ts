import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ownPath, signInPath } from '~/app/own-path'

const ORIGIN = 'http://slipway.test:3000'

test.each([
  '/machines',
  '/machines/abc?tab=logs#end',
  '/device?user_code=BCDF-GHJK',
  '/profile?back=http://slipway.test/x',
  '/a%20b',
  '/sign-inside',
])('%s is a path of our own', (path) => {
  expect(ownPath(path)).toBe(path)
})

describe('fault 69: nobody is led to another site, by', () => {
  test.each([
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '\\evil.test',
    '/%2fevil.test',
    '/%2Fevil.test',
    '%2f%2fevil.test',
    '/%5cevil.test',
    '/%5Cevil.test',
    '/.//evil.test',
    '/..//evil.test',
    '/machines/..//evil.test',
    '/machines//evil.test',
    '/%2e%2e//evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    '\t//evil.test',
    ' //evil.test',
    '/\u0000/evil.test',
    '/%09/evil.test',
    '/%0d%0aLocation:%20http://evil.test',
    '/x\r\nSet-Cookie: a=b',
    'http://evil.test',
    'http:evil.test',
    'https://slipway.test:3000@evil.test',
    '@evil.test',
    '.evil.test',
    'javascript:alert(1)',
    'data:text/html,x',
    '/%',
    '/%zz',
    '/sign-in',
    '/sign-in/token',
    '/sign-out',
    '/%73ign-out',
    `/${'x'.repeat(500)}`,
    '',
  ])('%j', (path) => {
    expect(ownPath(path)).toBeUndefined()
  })

  it('anything at all', () => {
    const parts = fc.constantFrom(
      '/',
      '\\',
      '.',
      '%2f',
      '%5c',
      '%09',
      '\t',
      '\n',
      ':',
      '@',
      '?',
      '#',
      'evil.test',
    )
    const text = fc.array(fc.oneof(parts, fc.string({ maxLength: 3 })), { maxLength: 8 })
    fc.assert(
      fc.property(text, (pieces) => {
        const path = ownPath(pieces.join(''))
        if (path === undefined) return
        expect(path).toMatch(/^\/(?![/\\])/)
        expect(new URL(path, ORIGIN).origin).toBe(ORIGIN)
      }),
      { numRuns: 5000 },
    )
  })
})

test.each([
  ['/machines/abc?x=1', '/sign-in?next=%2Fmachines%2Fabc%3Fx%3D1'],
  ['/', '/sign-in'],
  ['//evil.test/x', '/sign-in'],
])('a page at %s sends to %s', (path, expected) => {
  expect(signInPath(new Request(ORIGIN + path))).toBe(expected)
})
