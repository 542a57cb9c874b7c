import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { openLimits } from '~/app/server/limits'
import type { AppError } from '~/errors'
import { startRedis } from '../support/redis'
import { temporaryFolder } from '../support/temp-folder'
import { inputFor } from './procedures'
import { startSite } from './site'
import { refusalOf } from './visitor'

/** Counts until the refusal. */
async function takeAll(
  take: () => Promise<unknown>,
  most = 200,
): Promise<{ taken: number; refusal?: AppError }> {
  for (let taken = 0; taken < most; taken++) {
    const refusal = await take().then(
      () => undefined,
      (error) => error,
    )
    if (refusal) return { taken, refusal }
  }
  return { taken: most }
}

async function limitsOnRedis() {
  const folder = temporaryFolder()
  const redis = await startRedis(join(folder.path, 'redis'))
  const client = new Redis(redis.url.slice('unix://'.length), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 20,
  })
  client.on('error', () => undefined)
  await new Promise((resolve) => client.once('ready', resolve))
  onTestFinished(async () => {
    client.disconnect()
    await redis.kill()
    folder.remove()
  })
  return { redis, client }
}

describe('fault 100: what is done too often', () => {
  it('is refused with the time to come back, for that one alone, by all processes together', async () => {
    const { client } = await limitsOnRedis()
    const [one, other] = [openLimits(client, 'a'), openLimits(client, 'a')]
    const { taken, refusal } = await takeAll(() => one.take('token_minting', 'mo'))
    expect([taken, refusal?.code]).toEqual([20, 'rate_limited'])
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(0)
    await expect(other.take('token_minting', 'mo')).rejects.toThrow('too often')
    await other.take('token_minting', 'ada')
    await openLimits(client, 'another installation').take('token_minting', 'mo')
  })

  it('is still refused while Redis is away, and counted there again when it is back', async () => {
    const { client, redis } = await limitsOnRedis()
    const limits = openLimits(client, 'a')
    await limits.take('token_minting', 'mo')
    await redis.kill()
    expect((await takeAll(() => limits.take('token_minting', 'mo'))).taken).toBe(20)
    const back = new Promise((resolve) => client.once('ready', resolve))
    await redis.restart()
    await back
    const { taken } = await takeAll(() => limits.take('token_minting', 'eve'))
    expect(taken).toBe(20)
    expect(String(await redis.command('KEYS', '*token_minting:eve'))).toContain('eve')
  })

  test.each([
    ['account.requestLink', 5],
    ['account.signIn', 30],
    ['account.signInWithCode', 30],
    ['account.finishOidc', 30],
    ['deviceGrants.start', 30],
  ])('%s, by somebody who is signed out', async (procedure, most) => {
    const { visitor } = await startSite()
    const ask = () => visitor().mutate(procedure, inputFor(procedure, ''))
    for (let count = 0; count < most; count++) expect((await ask()).status).not.toBe(429)
    const { status, headers, text } = await ask()
    expect([status, refusalOf({ status, headers, text }).data.code]).toEqual([429, 'TOO_MANY_REQUESTS'])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  })

  test.each([
    ['apiTokens.create', 20],
    ['machines.launch', 60],
  ])('%s, by a user, who is told so on the page too', async (procedure, most) => {
    const { admin, signedIn } = await startSite()
    const browser = signedIn(admin)
    const ask = () => browser.mutate(procedure, inputFor(procedure, ''))
    for (let count = 0; count < most; count++) expect((await ask()).status).toBe(200)
    expect((await ask()).status).toBe(429)
    if (procedure !== 'machines.launch') return
    const page = await browser.submit('/machines?index', { name: 'One more' })
    expect(page.text).toContain('That was too often.')
    expect([page.status, Number(page.headers['retry-after']) > 0]).toEqual([429, true])
  })

  it('cloudSaves.create, by a user', async () => {
    const { member, admin, signedIn } = await startSite()
    const ask = async (user: typeof member) =>
      (await signedIn(user).mutate('cloudSaves.create', { machineId: 'none' })).status
    for (let count = 0; count < 60; count++) expect(await ask(member)).toBe(404)
    expect([await ask(member), await ask(admin)]).toEqual([429, 404])
  })

  it('API tokens that open nothing: guessing is slowed down, a good one from elsewhere is not', async () => {
    const { visitor, member, withApiToken } = await startSite({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
    const guess = visitor(undefined, 'Bearer slipway_api_guess')
    const from = (address: string) => ({ 'x-forwarded-for': address })
    for (let count = 0; count < 60; count++)
      expect((await guess.query('account.me', undefined, from('198.51.100.7'))).status).toBe(401)
    expect((await guess.query('account.me', undefined, from('198.51.100.7'))).status).toBe(429)
    expect((await guess.query('account.me', undefined, from('198.51.100.8'))).status).toBe(401)
    expect((await withApiToken(member, ['read']).visitor.query('account.me')).status).toBe(200)
  })
})

describe('fault 89: who asks is who is connected', () => {
  const spoofed = {
    'x-forwarded-for': '203.0.113.5',
    'x-real-ip': '203.0.113.5',
    forwarded: 'for=203.0.113.5',
  }
  const lastAddress = async (env: Record<string, string>, headers: Record<string, string>) => {
    const { admin, signedIn, clock } = await startSite({ env })
    const browser = signedIn(admin)
    clock.advance(2 * 60_000)
    await browser.query('account.me', undefined, headers)
    const [session] = JSON.parse((await browser.query('account.sessions')).text).result.data
    return session.address
  }

  it('whatever its headers say, and limits count by that', async () => {
    expect(await lastAddress({}, spoofed)).toBe('127.0.0.1')
    const { visitor } = await startSite()
    const statuses: number[] = []
    for (let count = 0; count < 31; count++) {
      const headers = { 'x-forwarded-for': `203.0.113.${count}` }
      statuses.push((await visitor().mutate('account.signIn', { token: 'x' }, headers)).status)
    }
    expect(statuses.at(-1)).toBe(429)
  })

  it('unless one of the operator’s proxies says for whom it asks, and then only what that proxy added', async () => {
    const env = { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' }
    expect(await lastAddress(env, { 'x-forwarded-for': '203.0.113.5' })).toBe('203.0.113.5')
    expect(await lastAddress(env, { 'x-forwarded-for': '6.6.6.6, 203.0.113.5, 10.1.2.3' })).toBe(
      '203.0.113.5',
    )
  })
})
