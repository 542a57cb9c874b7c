import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { auditEntries, userTokens } from '~/db/schema'
import { oauthProgram } from './oauth-program'
import { startSite } from './site'

async function startOAuth() {
  const site = await startSite({ env: { OAUTH_CLIENTS: 'desk' }, recheckEveryMs: 3_600_000 })
  const asBearer = (token: string) => site.visitor(undefined, `Bearer ${token}`)
  const opens = async (token: string) => (await asBearer(token).query('machines.list')).status === 200
  const revocations = () =>
    site.db
      .select()
      .from(auditEntries)
      .all()
      .filter(({ action }) => action === 'api_token_revoked')
  return { ...site, program: oauthProgram(site), asBearer, opens, revocations }
}

it('a program that logs out ends its token, its streams at once, and leaves an entry', async () => {
  const { program, member, asBearer, opens, revocations } = await startOAuth()
  const token = await program.logIn(member, { device_name: 'Laptop' })
  const stream = await asBearer(token).begin('machines.watchList', 'subscription')
  stream.body.on('error', () => undefined)
  await once(stream.body, 'data')
  const ended = new Promise((resolve) => stream.body.once('close', resolve))
  const { status, headers, body } = await program.revoke(token)
  expect([status, headers['cache-control'], body]).toEqual([200, 'no-store', {}])
  await ended
  expect(await opens(token)).toBe(false)
  expect(revocations()).toMatchObject([
    { actorKind: 'api-token', actorId: member.id, subjectId: member.id, target: 'Laptop' },
  ])
})

it('what opens nothing is as good as revoked, and nobody learns more', async () => {
  const { program, member, clock, revocations } = await startOAuth()
  const revoked = await program.logIn(member)
  await program.revoke(revoked)
  const expired = await program.logIn(member)
  clock.advance(91 * 24 * 3_600_000)
  for (const token of [revoked, expired, 'x', `${revoked}x`, 'x'.repeat(9000)]) {
    const { status, body } = await program.revoke(token)
    expect([status, body]).toEqual([200, {}])
  }
  expect(revocations()).toHaveLength(1)
})

describe('a token stays good when it is revoked', () => {
  it('by another client', async () => {
    const { program, member, opens, revocations } = await startOAuth()
    const token = await program.logIn(member)
    const { status, body } = await program.revoke(token, 'desk')
    expect([status, body.error]).toEqual([400, 'unauthorized_client'])
    expect([await opens(token), revocations()]).toEqual([true, []])
  })

  it('though it was made on a page, for no client', async () => {
    const { program, member, withApiToken, opens, revocations } = await startOAuth()
    const { token } = withApiToken(member, ['read'])
    const { status, body } = await program.revoke(token)
    expect([status, body.error]).toEqual([400, 'unauthorized_client'])
    expect([await opens(token), revocations()]).toEqual([true, []])
  })

  it('by a stranger', async () => {
    const { program, member, opens } = await startOAuth()
    const token = await program.logIn(member)
    expect((await program.revoke(token, 'stranger')).body.error).toBe('invalid_client')
    expect(await opens(token)).toBe(true)
  })
})

it('only the one token ends, of all that its user has', async () => {
  const { program, member, opens, db } = await startOAuth()
  const [first, second] = [await program.logIn(member), await program.logIn(member)]
  await program.revoke(first)
  expect([await opens(first), await opens(second)]).toEqual([false, true])
  const rows = db.select().from(userTokens).all()
  expect(rows.map(({ revokedAt }) => revokedAt !== null).sort()).toEqual([false, true])
})

it('fault 62: whoever guesses tokens is slowed down, and a right one can still be revoked', async () => {
  const { program, member, opens } = await startOAuth()
  const token = await program.logIn(member)
  for (let guess = 0; guess < 60; guess++) await program.revoke(`guess ${guess}`)
  const { status, headers, body } = await program.revoke('guess')
  expect([status, body.error, Number(headers['retry-after']) > 0]).toEqual([429, 'slow_down', true])
  expect((await program.revoke(token)).status).toBe(200)
  expect(await opens(token)).toBe(false)
})
