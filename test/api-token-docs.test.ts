import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { appRouter } from '~/app/trpc/router'
import { API_TOKEN_PATTERN, isWholeApiToken, mintApiToken } from '~/db/api-token-format'

const DOC = readFileSync('docs/api-tokens.md', 'utf8')
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { meta?: { scope: string } } }>,
)

/** As the text explains it: base62 with digits before upper before lower case, most significant first. */
function checksumAsDocumented(start: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  let [rest, text] = [crc32(start), '']
  for (; text.length < 6; rest = Math.floor(rest / 62)) text = digits[rest % 62] + text
  return text
}

it('the documented regular expression is the one that tokens have', () => {
  expect(DOC).toContain(`\n${API_TOKEN_PATTERN}\n`)
})

it('the documented checksum is the one that tokens have, and the example has it', () => {
  const token = mintApiToken('api')
  expect(checksumAsDocumented(token.slice(0, -6))).toBe(token.slice(-6))
  const [example = ''] = DOC.match(new RegExp(API_TOKEN_PATTERN)) ?? []
  expect(isWholeApiToken(example)).toBe(true)
})

it('the documented scopes are those that procedures ask for', () => {
  const documented = [...DOC.matchAll(/^\| (?:`([a-z-]+:\w+)`|any of them) *\| (.*?) *\|$/gm)].map(
    ([, scope = 'any', names = '']) => ({
      scope,
      names: [...names.matchAll(/`([\w.]+)`/g)].map(([, name]) => name).sort(),
    }),
  )
  const asked = [...new Set(procedures.flatMap(([, { _def }]) => _def.meta?.scope ?? []))].map((scope) => ({
    scope,
    names: procedures
      .filter(([, { _def }]) => _def.meta?.scope === scope)
      .map(([name]) => name)
      .sort(),
  }))
  const byScope = (a: { scope?: string | undefined }, b: { scope?: string | undefined }) =>
    String(a.scope).localeCompare(String(b.scope))
  expect(documented.sort(byScope)).toEqual(asked.sort(byScope))
})
