import type { ServerResponse } from 'node:http'
import { describe, expect, it, test } from 'vitest'
import { mintApiToken } from '~/db/api-token-format'
import { listApiTokens } from '~/db/api-tokens'
import { deleteMachine, stopMachine } from '~/db/machine-requests'
import { machines } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { siteWithMachine } from './machine-site'
import { ORIGIN } from './site'
import type { Answer } from './visitor'

/** A running machine, and a program with a token of its owner's. */
async function siteWithProgram(
  scopes: readonly string[] = ['machines:write'],
  answer?: Parameters<typeof siteWithMachine>[0],
) {
  const site = await siteWithMachine(answer)
  const { id: tokenId, token, visitor: program } = site.withApiToken(site.admin, scopes)
  return { ...site, tokenId, token, program }
}

const refusal = ({ status, text }: Answer) => ({ status, ...JSON.parse(text).error })
const NONE = { status: 404, code: 'not_found', message: 'There is no such machine.' }

describe('a program with an API token', () => {
  it('asks the file manager of its owner’s machine, and changes something there without an Origin', async () => {
    const { program, host, upstream } = await siteWithProgram()
    const asked = await program.get(`${host}api/downloads`)
    expect([asked.status, asked.text]).toEqual([200, 'hello'])
    const body = '{"source":"civitai:1@2"}'
    expect((await program.ask(`${host}api/downloads`, { method: 'POST', body })).status).toBe(200)
    expect(upstream.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/downloads',
      'POST /api/downloads',
    ])
    // What the file manager's own guard wants of whoever changes something.
    expect(upstream.requests[1]?.headers).toMatchObject({ host: upstream.host, origin: upstream.address })
  })

  it('fault 84: is not seen by the service, and gets no cookie', async () => {
    const { program, host, upstream, token, owner, enter } = await siteWithProgram()
    const { cookie } = await enter()
    const answers = [
      await program.get(host),
      await program.get(host, { cookie: `${owner.cookie}; ${cookie}`, 'x-token': token }),
      await program.get(`${host}.slipway/enter?ticket=x`),
    ]
    expect(upstream.requests).toHaveLength(3)
    expect(JSON.stringify(upstream.requests)).not.toMatch(/slipway_|bearer/i)
    for (const { headers } of answers) expect(headers['set-cookie']).toBeUndefined()
  })

  it('is written down as used, and uses the machine', async () => {
    const { program, host, db, admin, clock, machineId } = await siteWithProgram()
    const activeAt = () =>
      db.$client.prepare('select active_at from machines where id = ?').pluck().get(machineId)
    clock.advance(10 * 60_000)
    expect((await program.ask(`${host}api/uploads`, { method: 'PATCH', body: 'x' })).status).toBe(200)
    expect(listApiTokens(db, admin.id)[0]?.lastUsedAt).toBe(clock())
    expect(activeAt()).toBe(clock())
  })

  test.each([
    ['machines:read', { GET: 200, HEAD: 200, POST: 403, PUT: 403, PATCH: 403, DELETE: 403, OPTIONS: 403 }],
    ['read', { GET: 200, POST: 403 }],
    ['machines:write', { GET: 200, HEAD: 200, POST: 200, PUT: 200, PATCH: 200, DELETE: 200, OPTIONS: 200 }],
    ['write', { GET: 200, DELETE: 200 }],
    ['account:write', { GET: 403, POST: 403 }],
  ] as const)('with the scope %s may %j', async (scope, wanted) => {
    const { program, host, upstream } = await siteWithProgram([scope])
    for (const [method, status] of Object.entries(wanted) as ['GET' | 'POST', number][])
      expect([method, (await program.ask(host, { method })).status]).toEqual([method, status])
    const admitted = Object.values(wanted).filter((status) => status === 200)
    expect(upstream.requests).toHaveLength(admitted.length)
  })
})

describe('a program is refused with the sentence of the API, as JSON, whatever it accepts', () => {
  const asPage = { accept: 'text/html' }

  it('without the scope', async () => {
    const { program, host } = await siteWithProgram(['machines:read'])
    const answer = await program.ask(host, { method: 'POST', headers: asPage })
    expect(refusal(answer)).toMatchObject({ status: 403, code: 'forbidden' })
    expect(refusal(answer).message).toBe(
      'This API token lacks the scope machines:write. It has machines:read; make another one for this.',
    )
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })

  test.each<[string, RegExp, (site: Awaited<ReturnType<typeof siteWithProgram>>) => string | undefined]>([
    ['mistyped', /no whole API token/, ({ token }) => token.slice(0, -1)],
    ['of another kind', /no whole API token/, () => 'of-the-service'],
    ['empty', /no whole API token/, () => ''],
    ['unknown', /unknown, was revoked or has expired/, () => mintApiToken('api')],
    [
      'revoked',
      /was revoked/,
      ({ db, clock, token }) => {
        db.$client.prepare('update user_tokens set revoked_at = ?').run(clock())
        return token
      },
    ],
    [
      'expired',
      /has expired/,
      ({ db, clock, token }) => {
        db.$client.prepare('update user_tokens set expires_at = ?').run(clock())
        return token
      },
    ],
    [
      'of a disabled account',
      /unknown, was revoked/,
      ({ db, clock, token, admin }) => {
        db.$client.prepare('update users set disabled_at = ? where id = ?').run(clock(), admin.id)
        return token
      },
    ],
  ])('fault 62: with a token that is %s', async (_what, sentence, change) => {
    const site = await siteWithProgram()
    const { cookie } = await site.enter()
    // Next to a token no cookie counts.
    const program = site.visitor(cookie, `Bearer ${change(site)}`)
    const answer = await program.get(site.host, asPage)
    expect(refusal(answer)).toMatchObject({ status: 401, code: 'signed_out' })
    expect(refusal(answer).message).toMatch(sentence)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="slipway"')
    expect(site.upstream.requests).toEqual([])
  })

  it('fault 61: for somebody else’s machine, one that is gone, and one that never was, alike', async () => {
    const { member, withApiToken, host, serviceUrl, upstream, admin, db, clock, machineId } =
      await siteWithProgram()
    const { visitor: stranger } = withApiToken(member, ['write'])
    expect(refusal(await stranger.get(host, asPage))).toEqual(NONE)
    expect(refusal(await stranger.get(serviceUrl('a'.repeat(16))))).toEqual(NONE)
    deleteMachine(db, admin.id, machineId, SOMEBODY, clock)
    expect(refusal(await withApiToken(admin, ['write']).visitor.get(host))).toEqual(NONE)
    expect(upstream.requests).toEqual([])
  })

  it('for a machine that does not run, with where it stands', async () => {
    const { program, host, db, machineId } = await siteWithProgram()
    db.update(machines).set({ status: 'stopped' }).run()
    expect(refusal(await program.get(host, asPage))).toMatchObject({
      status: 410,
      code: 'stopped',
      page: `${ORIGIN}/machines/${machineId}`,
    })
  })

  it('when too many tokens opened nothing, until the minute is over', async () => {
    const { visitor, host } = await siteWithProgram()
    const guess = () => visitor(undefined, `Bearer ${mintApiToken('api')}`).get(host)
    for (let n = 0; n < 60; n++) expect((await guess()).status).toBe(401)
    const limited = await guess()
    expect(refusal(limited)).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  })
})

it('fault 85: a token opens the file manager alone, and no websocket of it', async () => {
  const { admin, token, upstream, runMachine, serviceUrl, visitor, host } = await siteWithProgram(['write'])
  const comfyui = runMachine(admin, { service: 'comfyui', address: upstream.address })
  const program = visitor(undefined, `Bearer ${token}`)
  expect((await program.get(serviceUrl(comfyui, 'comfyui'))).status).toBe(404)
  expect((await program.get(serviceUrl(comfyui, 'filebrowser'))).status).toBe(404)
  await expect(program.handshake(host)).rejects.toThrow()
  expect(upstream.requests).toEqual([])
})

it('a page of another host gains nothing: it is told of no right, and its question in advance stays unanswered', async () => {
  const { program, visitor, host, upstream } = await siteWithProgram()
  const page = { origin: 'http://evil.test' }
  const inAdvance = {
    ...page,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  const answers = [
    await visitor().ask(host, { method: 'OPTIONS', headers: inAdvance }),
    await program.get(host, page),
    await program.ask(host, { method: 'POST', headers: page }),
  ]
  expect(answers[0]?.status).toBe(404)
  for (const { headers } of answers)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  expect(upstream.requests.map(({ method }) => method)).not.toContain('OPTIONS')
})

describe('events that a program follows end', () => {
  const streams: ServerResponse[] = []
  const streaming = (_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: one\n\n')
    streams.push(response)
  }
  type Following = Awaited<ReturnType<typeof siteWithProgram>>
  test.each<[string, (site: Following) => unknown]>([
    ['its token is revoked', ({ owner, tokenId }) => owner.mutate('apiTokens.revoke', { id: tokenId })],
    [
      'its owner is disabled',
      ({ db, clock }) => db.$client.prepare('update users set disabled_at = ?').run(clock()),
    ],
    [
      'its machine is stopped',
      ({ db, admin, machineId, clock }) => stopMachine(db, admin.id, machineId, SOMEBODY, clock),
    ],
  ])('when %s', async (_when, end) => {
    const site = await siteWithProgram(['machines:read'], streaming)
    const { body } = await site.program.stream(`${site.host}api/downloads/events`)
    body.on('error', () => undefined)
    const events = body.iterator()
    expect(String((await events.next()).value)).toContain('one')
    site.services.channels.recheck()
    streams.pop()?.write('data: two\n\n')
    expect(String((await events.next()).value)).toContain('two')
    const ended = new Promise((resolve) => body.once('close', resolve))
    await end(site)
    await ended
  })
})
