import { connect } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openLimits } from '~/app/server/limits'
import { openChannels } from '~/app/server/open-channels'
import { startRedis } from '../support/redis'
import { sendSignal } from '../support/send-signal'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { startSite } from './site'
import { startUpstream } from './upstream'
import { cookieOf, refusalOf } from './visitor'

const MINUTE_MS = 60_000

describe('a connection that is reset right after its request', () => {
  it.each([
    ['GET / HTTP/1.1', ''],
    [
      'GET /ws HTTP/1.1',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
    ],
  ])('harms nothing but itself: %s of a machine', async (line, headers) => {
    const site = await startSite()
    const upstream = await startUpstream()
    const machineId = site.runMachine(site.admin, { address: upstream.address })
    const opened = await site.signedIn(site.admin).submit(`/machines/${machineId}/open/filebrowser`)
    const cookie = cookieOf(await site.visitor().get(String(opened.headers.location)))
    const { host, origin } = new URL(site.serviceUrl(machineId))
    const head = `${line}\r\nHost: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n${headers}\r\n`
    for (let count = 0; count < 20; count++)
      await new Promise<void>((resolve) => {
        const socket = connect(site.port, '127.0.0.1', () => {
          socket.write(head)
          socket.resetAndDestroy()
          // The server has to find the request and the reset together.
          const end = performance.now() + 10
          while (performance.now() < end);
        })
        socket.on('error', () => undefined).once('close', () => resolve())
      })
    // A rejection that nobody handles fails the run by itself.
    expect((await site.visitor(cookie).get(`http://${host}/`)).status).toBe(200)
  })
})

describe('fault 40: while another process holds the database', () => {
  const locked = async () => {
    const site = await startSite()
    const browser = site.signedIn(site.admin)
    // Long enough ago to be written down again.
    site.clock.advance(5 * MINUTE_MS)
    const other = new Database(join(site.dataDir, 'slipway.db'))
    onTestFinished(() => void other.close())
    site.db.$client.pragma('busy_timeout = 50')
    return { ...site, browser, other }
  }

  it('pages are shown, though nobody can write down that their session was used', async () => {
    const { browser, other, db } = await locked()
    other.exec('begin immediate')
    expect((await browser.get('/machines')).status).toBe(200)
    expect((await browser.query('account.me')).status).toBe(200)
    other.exec('rollback')
    expect((await browser.get('/machines')).status).toBe(200)
    const seen = db.$client.prepare('select max(last_seen_at) - max(created_at) from sessions').pluck().get()
    expect(seen).toBe(5 * MINUTE_MS)
  })

  it('whatever would write is refused for now: by procedures, and by forms, which are shown again', async () => {
    const { browser, other } = await locked()
    other.exec('begin immediate')
    const refused = await browser.mutate('machines.launch', { name: 'One' })
    expect([refused.status, refused.headers['retry-after'], refusalOf(refused)]).toEqual([
      ...[503, '1'],
      expect.objectContaining({ message: 'The database is busy. Try again in a moment.' }),
    ])
    const form = await browser.submit('/machines', { intent: 'launch', name: 'One' })
    expect([form.status, form.text]).toEqual([503, expect.stringContaining('The database is busy')])
    other.exec('rollback')
    expect((await browser.mutate('machines.launch', { name: 'One' })).status).toBe(200)
  })

  it('what is open stays open, and looking at it writes nothing', async () => {
    const { browser, other } = await locked()
    const events = await browser.stream('/trpc/machines.watchList')
    events.body.on('error', () => undefined).resume()
    const before = other.prepare('select * from sessions').all()
    other.exec('begin immediate')
    await new Promise((resolve) => setTimeout(resolve, 100))
    other.exec('rollback')
    expect(events.body.destroyed).toBe(false)
    expect(other.prepare('select * from sessions').all()).toEqual(before)
    events.body.destroy()
  })
})

it('a channel about which nothing can be found out stays, and the others are asked all the same', () => {
  const onError = vi.fn()
  const channels = openChannels({ everyMs: MINUTE_MS, onError })
  const channel = () => ({ once: vi.fn(), destroy: vi.fn() }) as never as Parameters<typeof channels.watch>[0]
  const [first, second] = [channel(), channel()]
  channels.watch(first, () => {
    throw new Error('locked')
  })
  channels.watch(second, () => false)
  channels.recheck()
  channels.close()
  expect(first.destroy).not.toHaveBeenCalled()
  expect(second.destroy).toHaveBeenCalledOnce()
  expect(onError).toHaveBeenCalledOnce()
})

it('fault 100: limits hold, and hold nobody up, while Redis is frozen', async () => {
  const folder = temporaryFolder()
  const redis = await startRedis(join(folder.path, 'redis'))
  const client = new Redis(redis.url.slice('unix://'.length), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 100,
  })
  client.on('error', () => undefined)
  await until('Redis is there', () => client.status === 'ready')
  const pid = Number(/process_id:(\d+)/.exec(String(await redis.command('INFO', 'server')))?.[1])
  onTestFinished(async () => {
    sendSignal(pid, 'SIGCONT')
    client.disconnect()
    await redis.kill()
    folder.remove()
  })
  const limits = openLimits(client, 'a')
  await limits.take('token_minting', 'mo')
  sendSignal(pid, 'SIGSTOP')
  const takes = Array.from({ length: 21 }, () => limits.take('token_minting', 'mo'))
  const outcomes = await Promise.allSettled(takes)
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
})

it('what nobody foresaw outside a procedure is told with an id, which the log explains', async () => {
  const { visitor, db, signedIn, admin, logged } = await startSite()
  const browser = signedIn(admin)
  db.$client.exec('drop table sessions')
  for (const [path, read] of [
    ['/machines', (text: string) => text],
    ['/trpc/account.me', (text: string) => JSON.parse(text).error.message],
  ] as const) {
    const { status, text } = await browser.get(path)
    expect(status).toBe(500)
    const id = /under ([a-z2-7]{16})\./.exec(read(text))?.[1]
    expect(text).not.toMatch(/sessions|SqliteError|\.ts|\.js/)
    expect(
      logged.some((line) => line.includes(`"requestId":"${id}"`) && line.includes('no such table')),
    ).toBe(true)
  }
  expect((await visitor().get('/healthz')).status).toBe(200)
})

it.each(['GET http://evil.test/ HTTP/1.1', 'GET * HTTP/1.1', 'OPTIONS * HTTP/1.1'])(
  'a target that is no path is refused: %s',
  async (line) => {
    const { port, logged } = await startSite()
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`${line}\r\nHost: slipway.test:3000\r\nConnection: close\r\n\r\n`),
      )
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.once('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(logged).toEqual([])
  },
)
