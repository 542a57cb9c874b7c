import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { stopMachine } from '~/db/machine-requests'
import { SOMEBODY } from '../support/actors'
import { siteWithMachine } from './machine-site'
import { ORIGIN } from './site'
import { cookieOf, dataOf } from './visitor'

const NOTHING_HERE = 'There is no such machine, or this browser has not opened it.'

describe('fault 86: the ticket', () => {
  it('leads to the machine’s own host and becomes a cookie of that host alone', async () => {
    const { owner, machineId, host, visitor } = await siteWithMachine()
    const opened = await owner.submit(`/machines/${machineId}/open/filebrowser`)
    expect(opened.status).toBe(303)
    expect(opened.headers.location).toMatch(
      /^http:\/\/m-[a-z2-7]{16}-files\.machines\.test:3000\/\.slipway\/enter\?ticket=/,
    )
    const entered = await visitor().get(String(opened.headers.location))
    expect(entered.status).toBe(303)
    expect(entered.headers).toMatchObject({
      location: '/',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect(entered.headers['set-cookie']).toMatch(
      /^slipway_machine=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/,
    )
    const page = await visitor(cookieOf(entered)).get(host)
    expect([page.status, page.text]).toEqual([200, 'hello'])
  })

  it('is good once', async () => {
    const { visitor, openedBy } = await siteWithMachine()
    const link = await openedBy()
    expect((await visitor().get(link)).status).toBe(303)
    expect((await visitor().get(link)).status).toBe(404)
  })

  it('makes one cookie of 20 uses at once', async () => {
    const { visitor, openedBy } = await siteWithMachine()
    const link = await openedBy()
    const answers = await Promise.all(Array.from({ length: 20 }, () => visitor().get(link)))
    expect(answers.filter(({ headers }) => headers['set-cookie'])).toHaveLength(1)
  })

  it('is good for 30 seconds', async () => {
    const { clock, visitor, openedBy } = await siteWithMachine()
    const [inTime, late] = [await openedBy(), await openedBy()]
    clock.advance(29_999)
    expect((await visitor().get(inTime)).status).toBe(303)
    clock.advance(1)
    expect((await visitor().get(late)).status).toBe(404)
  })

  it('is good for its machine and its service only', async () => {
    const { admin, runMachine, serviceUrl, machineId, visitor, openedBy, host } = await siteWithMachine()
    const { search, pathname } = new URL(await openedBy())
    const elsewhere = [serviceUrl(runMachine(admin)), serviceUrl(machineId, 'comfyui')]
    for (const other of elsewhere)
      expect((await visitor().get(new URL(pathname + search, other).href)).status).toBe(404)
    expect((await visitor().get(new URL(pathname + search, host).href)).status).toBe(303)
  })

  it('is not used up by HEAD or POST', async () => {
    const { visitor, openedBy } = await siteWithMachine()
    const link = await openedBy()
    for (const method of ['HEAD', 'POST'] as const)
      expect((await visitor().ask(link, { method })).status).toBe(404)
    expect((await visitor().get(link)).status).toBe(303)
  })

  it('is made for the owner only', async () => {
    const { member, signedIn, visitor, machineId } = await siteWithMachine()
    for (const browser of [signedIn(member), visitor()]) {
      const answer = await browser.submit(`/machines/${machineId}/open/filebrowser`)
      expect(answer.headers.location ?? '').not.toContain('ticket')
    }
    expect(
      (await signedIn(member).mutate('machines.open', { id: machineId, service: 'filebrowser' })).status,
    ).toBe(404)
  })

  it('is made for what runs only, and shown in no page', async () => {
    const { owner, admin, db, clock, machineId, openedBy } = await siteWithMachine()
    const ticket = new URL(await openedBy()).searchParams.get('ticket') as string
    expect((await owner.get(`/machines/${machineId}`)).text).not.toContain(ticket)
    expect((await owner.mutate('machines.open', { id: machineId, service: 'comfyui' })).status).toBe(404)
    stopMachine(db, admin.id, machineId, SOMEBODY, clock)
    expect((await owner.mutate('machines.open', { id: machineId, service: 'filebrowser' })).status).toBe(404)
  })
})

describe('fault 86: the machine’s cookie', () => {
  it('opens nothing but its own machine and service', async () => {
    const { admin, member, runMachine, serviceUrl, machineId, upstream, enter } = await siteWithMachine()
    const browser = await enter()
    const others = [runMachine(admin, upstream), runMachine(member, upstream)]
    for (const other of [
      ...others.map((id) => serviceUrl(id)),
      serviceUrl(machineId, 'comfyui'),
      serviceUrl('a'.repeat(16)),
    ]) {
      const answer = await browser.get(other)
      expect([answer.status, answer.text]).toEqual([404, expect.stringContaining(NOTHING_HERE)])
    }
    expect(upstream.requests).toEqual([])
  })

  it('of another user does not open the machine, and neither does a session or a ticket', async () => {
    const { signedIn, admin, member, runMachine, visitor, host, upstream, openedBy } = await siteWithMachine()
    const theirs = runMachine(member, upstream)
    const entered = await signedIn(member).mutate('machines.open', { id: theirs, service: 'filebrowser' })
    const foreign = cookieOf(await visitor().get(dataOf<{ url: string }>(entered).url))
    const session = signedIn(admin).cookie as string
    const ticket = new URL(await openedBy()).searchParams.get('ticket')
    const cookies = [
      undefined,
      foreign,
      session,
      session.replace('session', 'machine'),
      `slipway_machine=${ticket}`,
    ]
    for (const cookie of cookies) expect((await visitor(cookie).get(host)).status).toBe(404)
    expect(upstream.requests).toEqual([])
  })

  it('does not sign in to Slipway', async () => {
    const { enter, visitor } = await siteWithMachine()
    const { cookie = '' } = await enter()
    for (const name of [cookie, cookie.replace('machine', 'session')])
      expect((await visitor(name).query('account.me')).status).toBe(401)
  })

  it('ends with the session that opened it', async () => {
    const { owner, enter, host } = await siteWithMachine()
    const browser = await enter()
    expect((await browser.get(host)).status).toBe(200)
    await owner.submit('/sign-out')
    expect((await browser.get(host)).status).toBe(404)
  })

  it('ends after 12 hours', async () => {
    const { clock, enter, host } = await siteWithMachine()
    const browser = await enter()
    clock.advance(12 * 60 * 60 * 1000 - 1)
    expect((await browser.get(host)).status).toBe(200)
    clock.advance(1)
    expect((await browser.get(host)).status).toBe(404)
  })

  it('does not outlive its owner’s right to the machine', async () => {
    const { db, member, machineId, enter, host } = await siteWithMachine()
    const browser = await enter()
    db.$client.prepare('update machines set user_id = ? where id = ?').run(member.id, machineId)
    expect((await browser.get(host)).status).toBe(404)
  })
})

describe('what the service gets to see', () => {
  it('is neither Slipway’s cookies nor what the client says of itself', async () => {
    const { enter, host, upstream } = await siteWithMachine()
    const browser = await enter()
    await browser.get(`${host}list?path=a%20b`, {
      cookie: `theme=dark; ${browser.cookie}; slipway_session=CANARY; __Host-slipway_session=CANARY; SLIPWAY_x=1; lang=en`,
      forwarded: 'for=6.6.6.6',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-port': '1',
      'x-forwarded-proto': 'https',
      'x-real-ip': '6.6.6.6',
      'x-forwarded-prefix': '/evil',
      'proxy-authorization': 'CANARY',
      te: 'trailers',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      'sec-fetch-dest': 'empty',
      'sec-fetch-user': '?1',
      'x-own': 'kept',
    })
    const [seen] = upstream.requests
    expect(seen?.url).toBe('/list?path=a%20b')
    expect(seen?.headers.cookie?.split(/;\s*/)).toEqual(['theme=dark', 'lang=en'])
    expect(seen?.headers['x-own']).toBe('kept')
    const said = Object.entries(seen?.headers ?? {})
    expect(
      said.filter(([name]) => /^(forwarded|x-forwarded|x-real-ip|sec-fetch|proxy-|te$)/.test(name)).sort(),
    ).toEqual([
      ['x-forwarded-for', '127.0.0.1'],
      ['x-forwarded-host', new URL(host).host],
      ['x-forwarded-proto', 'http'],
    ])
    expect(JSON.stringify(seen)).not.toMatch(/slipway|CANARY|evil|6\.6\.6\.6/i)
  })

  it('is its own host and origin', async () => {
    const { enter, host, upstream } = await siteWithMachine()
    const browser = await enter()
    await browser.ask(`${host}upload`, { method: 'POST', body: 'x' })
    expect(upstream.requests[0]?.headers).toMatchObject({ host: upstream.host, origin: upstream.address })
    await browser.get(host)
    expect(upstream.requests[1]?.headers.cookie).toBeUndefined()
  })
})

it('what changes something needs the machine’s own Origin', async () => {
  const { enter, host, upstream } = await siteWithMachine()
  const browser = await enter()
  const foreign = [
    undefined,
    'null',
    'http://evil.test',
    ORIGIN,
    host.replace('-files', '-comfyui').slice(0, -1),
  ]
  for (const origin of foreign)
    for (const method of ['POST', 'PUT', 'DELETE'] as const)
      expect((await browser.ask(`${host}api`, { method, headers: { origin } })).status).toBe(403)
  expect(upstream.requests).toEqual([])
})

it('a page of another host can link here, and neither load, send nor embed anything', async () => {
  const { enter, host, upstream } = await siteWithMachine()
  const browser = await enter()
  const neighbour = host.replace('-files', '-comfyui').slice(0, -1)
  const loads = [
    { origin: neighbour },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ]
  for (const headers of loads) expect((await browser.get(host, headers)).status).toBe(403)
  expect(upstream.requests).toEqual([])
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect((await browser.get(host, link)).status).toBe(200)
})

it('a service that redirects to where it takes itself to be keeps the browser on its host', async () => {
  const { enter, host } = await siteWithMachine((request, response) => {
    response.writeHead(302, { Location: `http://${request.headers.host}/next?a=1` }).end()
  })
  expect((await (await enter()).get(host)).headers.location).toBe('/next?a=1')
})

it('fault 83: what a service says reaches no further than its own host', async () => {
  const { enter, host } = await siteWithMachine((_request, response) => {
    response.setHeader('Set-Cookie', [
      'own=1; Path=/',
      'wide=1; Domain=machines.test',
      'wide2=1; Path=/;domain = .test',
      'slipway_session=planted; Path=/',
      'slipway_machine=planted',
      '__Host-slipway_session=planted; Secure; Path=/',
      ' Slipway_x=planted',
      '=slipway_machine=planted',
      ' = slipway_session=planted',
      'wide3=1; domain',
    ])
    response.setHeader('Alt-Svc', 'h2=":8443"')
    response.setHeader('Strict-Transport-Security', 'max-age=1; includeSubDomains')
    response.setHeader('Clear-Site-Data', '"*"')
    response.setHeader('Service-Worker-Allowed', '/')
    response.setHeader('X-Own', 'kept')
    response.end('hello')
  })
  const { headers } = await (await enter()).get(host)
  expect(headers['set-cookie']).toBe('own=1; Path=/')
  expect(headers['x-own']).toBe('kept')
  for (const name of ['strict-transport-security', 'clear-site-data', 'service-worker-allowed', 'alt-svc'])
    expect(headers[name]).toBeUndefined()
})

it('a service that breaks off in the middle is seen to break off', async () => {
  const { enter, host } = await siteWithMachine((_request, response) => {
    response.setHeader('Content-Length', '1000')
    response.write('half', () => response.destroy())
  })
  const browser = await enter()
  await expect(browser.get(host)).rejects.toThrow(/closed|aborted|terminated/)
  expect((await browser.get(host, { cookie: undefined })).status).toBe(404)
})

it('events pass as they come', async () => {
  const streams: ServerResponse[] = []
  const { enter, host } = await siteWithMachine((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: one\n\n')
    streams.push(response)
  })
  const { body } = await (await enter()).stream(`${host}events`)
  const events = body.iterator()
  expect(String((await events.next()).value)).toContain('one')
  streams[0]?.write('data: two\n\n')
  expect(String((await events.next()).value)).toContain('two')
  const gone = once(streams[0] as ServerResponse, 'close')
  body.destroy()
  await gone
})
