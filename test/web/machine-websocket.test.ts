import { once } from 'node:events'
import { WebSocket } from 'undici'
import { describe, expect, it } from 'vitest'
import { stopMachine } from '~/db/machine-requests'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import { siteWithMachine, siteWithService } from './machine-site'
import { raw } from './raw'
import type { SiteOptions } from './site'
import { startRawUpstream } from './upstream'

async function siteWithSocket(options?: SiteOptions) {
  const site = await siteWithMachine(undefined, options)
  const { cookie = '' } = await site.enter()
  const { host, origin } = new URL(site.host)
  const open = (headers: Record<string, string>, to = host) =>
    new WebSocket(`ws://${to}/ws?clientId=1`, { headers, dispatcher: site.dispatcher })

  /** What a handshake is answered, byte by byte. */
  const handshake = (headers: Record<string, string>) =>
    raw(
      site.port,
      `GET /ws HTTP/1.1\r\n${Object.entries({ host, connection: 'Upgrade', upgrade: 'websocket', ...headers })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    )

  /** A socket that stays open. */
  const opened = async () => {
    const socket = open({ cookie, origin })
    await once(socket, 'open')
    return { socket, closed: once(socket, 'close') }
  }
  return { ...site, cookie, host, origin, open, opened, handshake }
}

/** @returns what the socket says when it is asked to repeat something, or that it never opened */
async function echo(socket: WebSocket): Promise<string> {
  const refused = once(socket, 'error').then(() => 'refused')
  const opened = once(socket, 'open').then(async () => {
    const answer = once(socket, 'message')
    socket.send('hello')
    const [{ data }] = await answer
    socket.close()
    return data as string
  })
  return Promise.race([refused, opened])
}

it('a websocket of the machine’s own page passes, with its own origin and without our cookies', async () => {
  const { upstream, cookie, origin, open } = await siteWithSocket()
  expect(await echo(open({ cookie: `${cookie}; theme=dark`, origin }))).toBe('hello')
  const [seen] = upstream.requests
  expect(seen?.url).toBe('/ws?clientId=1')
  expect(seen?.headers).toMatchObject({ host: upstream.host, origin: upstream.address, cookie: 'theme=dark' })
})

it.each([
  ['another site', (own: string) => ({ cookie: own, origin: 'http://evil.test' })],
  ['Slipway’s own pages', (own: string) => ({ cookie: own, origin: 'http://slipway.test:3000' })],
  ['nowhere', (own: string) => ({ cookie: own })],
  ['an opaque origin', (own: string) => ({ cookie: own, origin: 'null' })],
])('fault 87: a websocket from %s is refused', async (_from, headers) => {
  const { upstream, cookie, open, handshake } = await siteWithSocket()
  const given = headers(cookie) as Record<string, string>
  expect(await echo(open(given))).toBe('refused')
  expect(await handshake(given)).toMatch(/^HTTP\/1\.1 403 /)
  expect(upstream.requests).toEqual([])
})

it('fault 87: a websocket without the machine’s cookie is refused', async () => {
  const { upstream, owner, origin, open, handshake } = await siteWithSocket()
  for (const cookie of ['', 'slipway_machine=guess', owner.cookie as string]) {
    expect(await echo(open({ cookie, origin }))).toBe('refused')
    expect(await handshake({ cookie, origin })).toMatch(/^HTTP\/1\.1 404 /)
  }
  expect(upstream.requests).toEqual([])
})

it('fault 87: a websocket of a session that has ended is refused', async () => {
  const { owner, cookie, origin, open } = await siteWithSocket()
  await owner.submit('/sign-out')
  expect(await echo(open({ cookie, origin }))).toBe('refused')
})

it('a websocket to another machine, or to Slipway itself, is refused', async () => {
  const { admin, runMachine, serviceUrl, upstream, cookie, open } = await siteWithSocket()
  const other = new URL(serviceUrl(runMachine(admin, { address: upstream.address })))
  expect(await echo(open({ cookie, origin: other.origin }, other.host))).toBe('refused')
  expect(await echo(open({ cookie, origin: 'http://slipway.test:3000' }, 'slipway.test:3000'))).toBe(
    'refused',
  )
  expect(upstream.requests).toEqual([])
})

it('a websocket to a service that is gone is refused, and the rest goes on', async () => {
  const { upstream, cookie, origin, open, owner, handshake } = await siteWithSocket()
  await upstream.close()
  expect(await handshake({ cookie, origin })).toMatch(/^HTTP\/1\.1 502 /)
  expect(await echo(open({ cookie, origin }))).toBe('refused')
  expect((await owner.query('account.me')).status).toBe(200)
})

it('a websocket is one line of the log, under the id that its answer tells', async () => {
  const { cookie, host, visitor, handshake, requestLines } = await siteWithSocket()
  const refused = /^X-Request-Id: (\w+)\r$/m.exec(
    await handshake({ cookie, origin: 'http://evil.test' }),
  )?.[1]
  const { headers } = await visitor(cookie).handshake(`http://${host}/ws`)
  const lines = () => requestLines.map((line) => JSON.parse(line)).filter(({ upgrade }) => upgrade)
  await until('both have their lines', () => lines().length >= 2)
  expect(lines()).toMatchObject([
    { level: 20, requestId: refused, path: 'a machine', status: 403 },
    { level: 20, requestId: headers['x-request-id'], path: 'a machine', status: 101 },
  ])
})

it('the handshake plants no cookie of Slipway’s', async () => {
  const { cookie, host, visitor } = await siteWithSocket()
  const { headers } = await visitor(cookie).handshake(`http://${host}/ws`)
  expect(headers.upgrade).toBe('websocket')
  expect(headers['set-cookie']).toBeUndefined()
})

describe('fault 87: an open websocket ends, on both sides,', () => {
  it('with the session that opened it', async () => {
    const { owner, upstream, opened } = await siteWithSocket()
    const { closed } = await opened()
    expect((await owner.submit('/sign-out')).status).toBe(302)
    await closed
    await until('the service’s side is closed', () => upstream.sockets.count() === 0)
  })

  it('when its machine stops', async () => {
    const { admin, db, clock, machineId, upstream, opened } = await siteWithSocket()
    const { closed } = await opened()
    stopMachine(db, admin.id, machineId, SOMEBODY, clock)
    await closed
    await until('the service’s side is closed', () => upstream.sockets.count() === 0)
  })

  it('when the service closes it, which the browser hears to the last word', async () => {
    const upstream = await startRawUpstream((socket) =>
      socket.end('HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nlast words'),
    )
    const { enter, host, port, sockets } = await siteWithService(upstream)
    const { cookie } = await enter()
    const own = new URL(host)
    const before = sockets.count()
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket'
    const headers = `Host: ${own.host}\r\nOrigin: ${own.origin}\r\nCookie: ${cookie}\r\n${upgrade}\r\n\r\n`
    expect(await raw(port, `GET /ws HTTP/1.1\r\n${headers}`)).toMatch(
      /^HTTP\/1\.1 101 .*\r\n\r\nlast words$/s,
    )
    await until('no connection is left', () => upstream.sockets.count() === 0 && sockets.count() <= before)
  })

  it('when nobody has said anything for an hour', async () => {
    const patience = { requestMs: 60_000, handshakeMs: 60_000, socketMs: 100 }
    const { upstream, opened } = await siteWithSocket({ patience })
    await (await opened()).closed
    await until('the service’s side is closed', () => upstream.sockets.count() === 0)
  })
})

describe('a service that takes no websocket', () => {
  const handshakeWith = async (answer: string, options?: SiteOptions) => {
    const upstream = await startRawUpstream((socket) => answer && socket.end(answer))
    const { enter, host, port } = await siteWithService(upstream, options)
    const { cookie } = await enter()
    const own = new URL(host)
    const headers = `Host: ${own.host}\r\nOrigin: ${own.origin}\r\nCookie: ${cookie}\r\n`
    const said = await raw(
      port,
      `GET /ws HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
    await until('no connection to the service is left', () => upstream.sockets.count() === 0)
    return said
  }

  it('is heard, without the cookies that it plants', async () => {
    const said = await handshakeWith(
      'HTTP/1.1 403 x\r\nSet-Cookie: slipway_machine=planted\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno.\r\n0\r\n\r\n',
    )
    expect(said).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    expect(said).toMatch(/\r\n\r\nno\.$/)
    expect(said).not.toMatch(/planted|transfer-encoding/i)
  })

  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a status that there isn’t', 'HTTP/1.1 099 x\r\n\r\n'],
    ['a status of zero', 'HTTP/1.1 000 x\r\n\r\n'],
  ])('and says %s: 502', async (_what, answer) => {
    expect(await handshakeWith(answer)).toMatch(/^HTTP\/1\.1 502 /)
  })

  it('and says nothing: 504', async () => {
    const patience = { requestMs: 60_000, handshakeMs: 200, socketMs: 60_000 }
    expect(await handshakeWith('', { patience })).toMatch(/^HTTP\/1\.1 504 /)
  })
})
