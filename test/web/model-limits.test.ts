import { EventEmitter } from 'node:events'
import type { Response } from 'express'
import { expect, it, test } from 'vitest'
import { bytesAtOnce } from '~/app/server/bytes-at-once'
import { revokeApiToken } from '~/db/api-tokens'
import { SOMEBODY } from '../support/actors'
import { modelSite, WORKFLOW } from './model-site'
import { raw } from './raw'

const MIB = 1024 ** 2
const LARGER: [string, number][] = [
  ['/trpc/models.publish', 4 * MIB],
  ['/trpc/models.read', 4 * MIB],
  ['/models/new', 4 * MIB],
  ['/models/new.data', 4 * MIB],
  ['/models/edit', 4 * MIB],
  ['/trpc/modelRequests.create', 32 * MIB],
  ['/v1/models/ada/cats', 32 * MIB],
  ['/models/ada/cats', 32 * MIB],
]
const SMALL = [
  ...['/profile', '/machines?index', '/models', '/v1/models', '/v1/requests/x/cancel', '/api/cli-auth/poll'],
  ...['/trpc/models.publish,models.publish?batch=1', '/trpc/models.change', '/TRPC/models.publish'],
  '/trpc/models%2Epublish',
]

/** The status of a request that only says how long its body would be: what is refused is refused by that alone. */
async function announced(port: number, path: string, bytes: number, header: string) {
  const head = `POST ${path} HTTP/1.1\r\nHost: slipway.test:3000\r\nOrigin: http://slipway.test:3000\r\n${header}Content-Length: ${bytes}\r\nConnection: close\r\n\r\n`
  const answer = await raw(port, head)
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer }
}

it('only what publishes and calls takes large bodies, each as large as it needs', async () => {
  const { port, withApiToken, admin } = await modelSite()
  const authorization = `Authorization: Bearer ${withApiToken(admin, ['write']).token}\r\n`
  for (const [path, bytesMax] of LARGER) {
    const { status, answer } = await announced(port, path, bytesMax + 1, authorization)
    expect([path, status, answer.includes(String(bytesMax))]).toEqual([path, 413, true])
  }
  for (const path of SMALL)
    expect([path, (await announced(port, path, 65_537, authorization)).status]).toEqual([path, 413])
})

it('a large body is read of nobody who hasn’t signed in or sent a good token', async () => {
  const { port, withApiToken, member, db, clock } = await modelSite()
  const revoked = withApiToken(member, ['write'])
  revokeApiToken(db, member.id, revoked.id, SOMEBODY, clock)
  for (const header of [
    '',
    'Authorization: Bearer slipway_api_guess\r\n',
    `Authorization: Bearer ${revoked.token}\r\n`,
    'Cookie: slipway_session=guess\r\n',
  ])
    for (const [path] of LARGER) {
      const { status, answer } = await announced(port, path, 65_537, header)
      expect([path, status]).toEqual([path, 401])
      expect(answer).toContain('WWW-Authenticate: Bearer realm="slipway"')
    }
})

it('a large body is read of no token that lacks the scope for it', async () => {
  const { port, withApiToken, admin } = await modelSite()
  const { token } = withApiToken(admin, ['account:read', 'models:read'])
  for (const [path] of LARGER) {
    const { status, answer } = await announced(port, path, 65_537, `Authorization: Bearer ${token}\r\n`)
    expect([path, status, answer]).toEqual([path, 403, expect.stringContaining('models:write')])
  }
})

it('no more large bodies are read at a time than there is room for, of one user and of all', () => {
  const takeRoom = bytesAtOnce({ ofOneMax: 2, ofAllMax: 3 })
  const answers = [new EventEmitter(), new EventEmitter()] as unknown as [Response, Response]
  expect(takeRoom('ada', 2, answers[0])).toBeUndefined()
  expect(takeRoom('ada', 1, answers[1])).toBe('of one')
  expect(takeRoom('mo', 2, answers[1])).toBe('of all')
  expect(takeRoom('mo', 1, answers[1])).toBeUndefined()
  answers[0].emit('close')
  expect(takeRoom('ada', 2, answers[0])).toBeUndefined()
})

it('who sends too much at once is told when to come back', async () => {
  const { port, withApiToken, admin } = await modelSite()
  const authorization = `Authorization: Bearer ${withApiToken(admin, ['write']).token}\r\n`
  const sent = [1, 2, 3].map(() => announced(port, '/v1/models/ada/cats', 32 * MIB, authorization))
  // Two are read, and never come.
  for (const one of sent) one.catch(() => undefined)
  const { status, answer } = await Promise.race(sent)
  expect([status, answer]).toEqual([429, expect.stringMatching(/retry-after: 2/i)])
})

it('a workflow of 4 MiB is published, and a call with a picture inside is queued', async () => {
  const { ada, admin, publish, withApiToken } = await modelSite()
  const filler = { '50': { class_type: 'Note', inputs: { text: 'x'.repeat(4 * MIB - 4000) } } }
  const published = await publish(ada, { workflow: { ...WORKFLOW, ...filler } })
  expect([published.status, published.text]).toEqual([200, expect.stringContaining('"version":1')])
  const image = `data:image/png;base64,${'A'.repeat(10 * MIB)}`
  const program = withApiToken(admin, ['models:write']).visitor
  const body = JSON.stringify({ prompt: 'x', image })
  expect((await program.ask('/v1/models/ada/cats', { method: 'POST', body })).status).toBe(200)
})

test.each(['/v1/models/ada/cats', '/prod/api/users/ada/servers'])(
  'what is refused before %s sees it is refused as JSON too',
  async (path) => {
    const { port, withApiToken, admin } = await modelSite()
    const authorization = `Authorization: Bearer ${withApiToken(admin, ['write']).token}\r\n`
    const ask = (rest: string, host = 'slipway.test:3000') =>
      raw(port, `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${rest}\r\n`)
    for (const [status, answer] of [
      [411, await ask(`${authorization}Transfer-Encoding: chunked\r\n`)],
      [413, await ask(`${authorization}Content-Length: 99999999\r\n`)],
      [401, await ask('')],
      [421, await ask(authorization, 'evil.test')],
    ] as const) {
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Content-Type: application/json`, 'i'))
      expect(JSON.parse(/\r\n\r\n(.*)$/s.exec(answer)?.[1] ?? '')).toEqual({ error: expect.any(String) })
    }
  },
)
