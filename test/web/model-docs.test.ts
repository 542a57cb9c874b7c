import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { REQUEST_STAGES, REQUEST_STATUSES } from '~/db/schema'
import { parseSettings } from '~/env'
import { INLINE_FILE_MAX } from '~/workflows/input-values'
import { modelSite } from './model-site'

const DOC = readFileSync('docs/model-api.md', 'utf8')
const rows = (name: RegExp) => [...DOC.matchAll(new RegExp(`^\\| ${name.source} +\\| (.*?) *\\|`, 'gm'))]

it('the documented settings are those there are, with their defaults, as in the reference and .env.example', () => {
  const documented = Object.fromEntries(rows(/`(RE[A-Z_]+)`/).map(([, name, value]) => [name, value]))
  const { idleMs, timeoutMs, queuedMax, keptMs, bytesMax } = parseSettings({}).requests
  expect(documented).toEqual({
    REQUEST_IDLE_MINUTES: String(idleMs / 60_000),
    REQUEST_TIMEOUT_MINUTES: String(timeoutMs / 60_000),
    REQUESTS_PER_USER: String(queuedMax),
    RESULT_DAYS: String(keptMs / 86_400_000),
    RESULT_BYTES_MAX: String(bytesMax),
  })
  const reference = readFileSync('docs/settings.md', 'utf8')
  const example = readFileSync('.env.example', 'utf8')
  for (const [name, value] of Object.entries(documented)) {
    expect(reference).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| \`${value}\` \\|`, 'm'))
    expect(example).toContain(`\n#${name}=${value}\n`)
  }
})

it('the documented states, stages and sizes are those there are', () => {
  expect(rows(/`([a-z_]+)`/).map(([, status]) => status)).toEqual([...REQUEST_STATUSES])
  for (const stage of REQUEST_STAGES) expect(DOC).toContain(`\`${stage}\``)
  expect(DOC).toContain(`at most ${INLINE_FILE_MAX / 1024 ** 2} MiB`)
})

it('the documented addresses are there, each asked as documented', async () => {
  const { admin, withApiToken } = await modelSite()
  const program = withApiToken(admin, ['write']).visitor
  const addresses = [...DOC.matchAll(/^\| (GET|POST) +\| `(\S+)`/gm)]
  expect(addresses).toHaveLength(8)
  for (const [, method = '', address = ''] of addresses) {
    const path = address
      .replace('{owner/name}', 'a/b')
      .replace('{number}', '0')
      .replace(/\{\w+\}/g, 'x')
    const body = method === 'POST' ? '{}' : undefined
    const { text } = await program.ask(path, { method: method as 'GET' | 'POST', body })
    expect([address, text]).toEqual([address, expect.not.stringContaining('nothing at this address')])
    expect([address, text]).toEqual([address, expect.not.stringContaining('Ask with')])
  }
})
