import { describe, expect, it, test } from 'vitest'
import { mintApiToken } from '~/db/api-token-format'
import { siteWithMachine } from './machine-site'
import { raw } from './raw'

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

/** A machine's page, asked byte by byte by whoever may enter it. */
async function siteAskedRaw() {
  const site = await siteWithMachine((request, response) => {
    request.resume()
    request.once('end', () => response.end('hello'))
  })
  const { cookie } = await site.enter()
  const { host, origin } = new URL(site.host)
  const ask = (line: string, rest: string, first = `Host: ${host}`) =>
    raw(site.port, `${line}\r\n${first}\r\nCookie: ${cookie}\r\nOrigin: ${origin}\r\n${rest}`)
  return { ...site, ask, hostName: host }
}

describe('fault 90: a request that can be read in two ways is refused, and nothing of it is passed on', () => {
  test.each([
    ['a length beside chunks', `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['chunks beside a length', `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['two lengths', `Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!${SMUGGLED}`],
    ['one length twice', `Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello${SMUGGLED}`],
    ['a list of lengths', `Content-Length: 5, 5\r\n\r\nhello${SMUGGLED}`],
    ['a length with a sign', `Content-Length: +5\r\n\r\nhello${SMUGGLED}`],
    ['a folded line', `X-A: 1\r\n Content-Length: 5\r\n\r\n${SMUGGLED}`],
    ['a folded coding', `Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['a blank before the colon', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['another coding than chunks', `Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['an unknown coding', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['two codings', `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['two hosts', `Host: other\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`],
    ['an upgrade with a body', `${UPGRADE}Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
    ['an upgrade with chunks', `${UPGRADE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['an upgrade that doesn’t wait', `${UPGRADE}\r\n${SMUGGLED}`],
    ['an upgrade to something else', `${UPGRADE.replace('websocket', 'h2c')}\r\n`],
  ])('%s', async (_what, rest) => {
    const { ask, upstream } = await siteAskedRaw()
    for (const method of rest.startsWith(UPGRADE.slice(0, 20)) ? ['GET'] : ['GET', 'POST']) {
      const answer = await ask(`${method} / HTTP/1.1`, rest)
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
      // One answer: what came behind it was not taken for another request.
      expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
      expect(answer).toMatch(/^connection: close/im)
    }
    expect(upstream.requests).toEqual([])
  })

  it('chunks in a version that has none', async () => {
    const { ask, upstream } = await siteAskedRaw()
    expect(await ask('POST / HTTP/1.0', `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.. 400 /,
    )
    expect(upstream.requests).toEqual([])
  })

  it('a websocket asked for with POST', async () => {
    const { ask, upstream } = await siteAskedRaw()
    expect(await ask('POST / HTTP/1.1', `${UPGRADE}\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.requests).toEqual([])
  })

  it('a length that Connection names stays what it is', async () => {
    const { ask, upstream } = await siteAskedRaw()
    const body = `Connection: content-length, transfer-encoding, host, close\r\nContent-Length: ${SMUGGLED.length}`
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(await ask(`${method} /own HTTP/1.1`, `${body}\r\n\r\n${SMUGGLED}`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /own',
      'POST /own',
      'DELETE /own',
    ])
  })

  it('two requests one behind the other are two, each with its own body', async () => {
    const { ask, upstream, hostName, enter } = await siteAskedRaw()
    const { cookie } = await enter()
    const second = `GET /two HTTP/1.1\r\nHost: ${hostName}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`
    const answer = await ask(
      'POST /one HTTP/1.1',
      `Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${second}`,
    )
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/one', '/two'])
  })
})

describe('fault 84: what is Slipway’s own never reaches a service', () => {
  it('neither an API token in any header, nor what is for the next server alone', async () => {
    const { ask, upstream } = await siteAskedRaw()
    const headers = {
      Authorization: `Token ${mintApiToken('api')}`,
      'X-Api-Key': mintApiToken('api'),
      'X-Other': `a ${mintApiToken('cli')} b`,
      'X-Hop': 'dropped',
      'X-Own': 'kept',
      'Keep-Alive': 'timeout=5',
      TE: 'trailers',
      'Proxy-Connection': 'keep-alive',
      'Proxy-Authorization': 'Basic x',
      Connection: 'close, X-Hop',
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    await ask('GET / HTTP/1.1', `${lines.join('')}\r\n`)
    const [seen] = upstream.requests
    expect(JSON.stringify(seen)).not.toMatch(/slipway_/)
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
      'connection',
      'host',
      'origin',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-own',
    ])
    expect(seen?.headers.connection).toBe('close')
  })

  it('a service’s own Authorization does', async () => {
    const { enter, host, upstream } = await siteWithMachine()
    await (await enter()).get(host, { authorization: 'Basic of-the-service' })
    expect(upstream.requests[0]?.headers.authorization).toBe('Basic of-the-service')
  })

  it('what the proxy says of who asks can’t be taken out by naming it in Connection', async () => {
    const { ask, hostName, upstream } = await siteAskedRaw()
    const named = 'x-forwarded-for, x-forwarded-host, x-forwarded-proto, host, close'
    await ask('GET / HTTP/1.1', `Connection: ${named}\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n`)
    expect(upstream.requests[0]?.headers).toMatchObject({
      host: upstream.host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': hostName,
      'x-forwarded-proto': 'http',
    })
  })
})

describe('fault 92: no path leads out of its machine', () => {
  test.each([
    '//evil.test/x',
    '//',
    '/../../etc/passwd',
    '/a/../../b',
    '/%2e%2e/%2e%2e/x',
    '/..%2f..%2fx',
    '/;/x;y=1',
    '/.slipway/../x',
    '/.slipway//enter?ticket=x',
    '/\\evil.test',
    '/@evil.test/',
    '/%00',
    '/%0d%0aX-Injected:%201',
    '/?next=http://evil.test/%0d%0a',
    '/http://evil.test/',
  ])('%s', async (path) => {
    const { ask, upstream, admin, runMachine, serviceUrl } = await siteAskedRaw()
    const other = await siteWithMachine()
    const neighbour = new URL(serviceUrl(runMachine(admin, other.upstream))).host
    expect(await ask(`GET ${path} HTTP/1.1`, 'Connection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
    // As it came: what a path means is for the service to say.
    expect(upstream.requests).toMatchObject([{ url: path, headers: { host: upstream.host } }])
    expect(upstream.requests[0]?.headers).not.toHaveProperty('x-injected')
    const foreign = await ask(`GET ${path} HTTP/1.1`, 'Connection: close\r\n\r\n', `Host: ${neighbour}`)
    expect(foreign).toMatch(/^HTTP\/1\.1 404 /)
    expect(other.upstream.requests).toEqual([])
  })

  test.each([
    'http://127.0.0.1:1/x',
    'http://m-aaaaaaaaaaaaaaaa-files.machines.test:3000/x',
    '*',
    'evil.test:80',
  ])('and what is no path is refused: %s', async (target) => {
    const { ask, upstream } = await siteAskedRaw()
    expect(await ask(`OPTIONS ${target} HTTP/1.1`, 'Connection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.requests).toEqual([])
  })
})
