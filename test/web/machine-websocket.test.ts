import { once } from 'node:events'
import { WebSocket } from 'undici'
import { expect, it } from 'vitest'
import { startSite } from './site'
import { startUpstream } from './upstream'
import { cookieOf } from './visitor'

async function siteWithMachine() {
  const site = await startSite()
  const upstream = await startUpstream()
  const machineId = site.runMachine(site.admin, { address: upstream.address })
  const owner = site.signedIn(site.admin)
  const opened = await owner.submit(`/machines/${machineId}/open/filebrowser`)
  const cookie = cookieOf(await site.visitor().get(String(opened.headers.location)))
  const { host, origin } = new URL(site.serviceUrl(machineId))
  const open = (headers: Record<string, string>, to = host) =>
    new WebSocket(`ws://${to}/ws?clientId=1`, { headers, dispatcher: site.dispatcher })
  return { ...site, upstream, owner, cookie, host, origin, open }
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
  const { upstream, cookie, origin, open } = await siteWithMachine()
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
])('a websocket from %s is refused', async (_from, headers) => {
  const { upstream, cookie, open } = await siteWithMachine()
  expect(await echo(open(headers(cookie) as Record<string, string>))).toBe('refused')
  expect(upstream.requests).toEqual([])
})

it('a websocket without the machine’s cookie is refused', async () => {
  const { upstream, owner, origin, open } = await siteWithMachine()
  for (const cookie of ['', 'slipway_machine=guess', owner.cookie as string])
    expect(await echo(open({ cookie, origin }))).toBe('refused')
  expect(upstream.requests).toEqual([])
})

it('a websocket of a session that has ended is refused', async () => {
  const { owner, cookie, origin, open } = await siteWithMachine()
  await owner.submit('/sign-out')
  expect(await echo(open({ cookie, origin }))).toBe('refused')
})

it('a websocket to another machine, or to Slipway itself, is refused', async () => {
  const { admin, runMachine, serviceUrl, upstream, cookie, open } = await siteWithMachine()
  const other = new URL(serviceUrl(runMachine(admin, { address: upstream.address })))
  expect(await echo(open({ cookie, origin: other.origin }, other.host))).toBe('refused')
  expect(await echo(open({ cookie, origin: 'http://slipway.test:3000' }, 'slipway.test:3000'))).toBe(
    'refused',
  )
  expect(upstream.requests).toEqual([])
})

it('a websocket to a service that is gone is refused, and the rest goes on', async () => {
  const { upstream, cookie, origin, open, owner } = await siteWithMachine()
  await upstream.close()
  expect(await echo(open({ cookie, origin }))).toBe('refused')
  expect((await owner.query('account.me')).status).toBe(200)
})

it('the handshake plants no cookie of Slipway’s', async () => {
  const { cookie, host, visitor } = await siteWithMachine()
  const { headers } = await visitor(cookie).handshake(`http://${host}/ws`)
  expect(headers.upgrade).toBe('websocket')
  expect(headers['set-cookie']).toBeUndefined()
})

it('an open websocket ends with the session that opened it', async () => {
  const { owner, cookie, origin, open } = await siteWithMachine()
  const socket = open({ cookie, origin })
  await once(socket, 'open')
  const closed = once(socket, 'close')
  expect((await owner.submit('/sign-out')).status).toBe(302)
  await closed
})
