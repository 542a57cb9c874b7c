import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, test } from 'vitest'
import { until } from '../support/until'
import { siteWithMachine, siteWithService } from './machine-site'
import { startRawUpstream } from './upstream'

const PATIENCE = { requestMs: 300, handshakeMs: 300, socketMs: 60_000 }

const answering = (text: string) => (socket: Socket) => socket.end(Buffer.from(text, 'latin1'))

const endlessHeaders = (socket: Socket) => {
  socket.write('HTTP/1.1 200 OK\r\n')
  const more = () => {
    while (!socket.destroyed && socket.write(`X-${'a'.repeat(1000)}: b\r\n`));
  }
  socket.on('drain', more)
  more()
}

const BROKEN: [string, (socket: Socket) => void][] = [
  ['closes at once', (socket) => socket.end()],
  ['resets at once', (socket) => socket.resetAndDestroy()],
  [
    'resets in the middle of the headers',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nX-A', () => socket.resetAndDestroy()),
  ],
  ['sends headers without end', endlessHeaders],
  ['talks something else', answering('SSH-2.0-OpenSSH_9.2\r\n')],
  ['answers with a status below 100', answering('HTTP/1.1 099 x\r\nContent-Length: 1\r\n\r\nx')],
  ['answers with a status of zero', answering('HTTP/1.1 000 x\r\nContent-Length: 1\r\n\r\nx')],
  ['changes the protocol unasked', answering('HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nx')],
  ['changes to no protocol', answering('HTTP/1.1 101 x\r\n\r\nx')],
  [
    'says a length beside chunks',
    answering(
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ),
  ],
  ['says two lengths', answering('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx')],
]

describe('fault 91: a service', () => {
  test.each(BROKEN)('that %s: 502, no connection is left, and the rest goes on', async (_what, answer) => {
    const upstream = await startRawUpstream(answer)
    const { enter, host, owner } = await siteWithService(upstream)
    const browser = await enter()
    const page = await browser.get(host)
    expect([page.status, JSON.parse(page.text).error.code]).toEqual([502, 'unreachable'])
    expect(page.text).not.toContain(upstream.address.slice('http://'.length))
    const upload = await browser.ask(host, { method: 'POST', body: 'x'.repeat(100_000) })
    expect(upload.status).toBe(502)
    await until('no connection to the service is left', () => upstream.sockets.count() === 0)
    expect((await owner.query('account.me')).status).toBe(200)
  })

  it('that isn’t there: 502', async () => {
    const { enter, host, upstream, machineId } = await siteWithMachine()
    const browser = await enter()
    await upstream.close()
    const answer = await browser.get(host)
    expect([answer.status, answer.headers['cache-control']]).toEqual([502, 'no-store'])
    expect(answer.text).toContain(machineId)
    expect(answer.text).not.toContain(upstream.host)
  })

  it('that never answers: 504, and its connection is closed', async () => {
    const upstream = await startRawUpstream(() => undefined)
    const { enter, host } = await siteWithService(upstream, { patience: PATIENCE })
    const answer = await (await enter()).get(host)
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([504, 'silent'])
    await until('no connection to the service is left', () => upstream.sockets.count() === 0)
  })

  it('that falls silent in the middle of an answer is broken off', async () => {
    const upstream = await startRawUpstream((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    )
    const { enter, host } = await siteWithService(upstream, { patience: PATIENCE })
    await expect((await enter()).get(host)).rejects.toThrow(/closed|aborted|terminated/)
    await until('no connection to the service is left', () => upstream.sockets.count() === 0)
  })

  test.each([
    ['with a length', 'Content-Length: 1000'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('that resets in the middle of a body %s is seen to break off', async (_how, framing) => {
    const upstream = await startRawUpstream((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n4\r\nhalf\r\n`, () => socket.resetAndDestroy()),
    )
    const { enter, host } = await siteWithService(upstream)
    const browser = await enter()
    await expect(browser.get(host)).rejects.toThrow(/closed|aborted|terminated/)
    expect((await browser.get(host, { cookie: undefined })).status).toBe(404)
  })

  it('that answers before it has read the upload is heard', async () => {
    const services: Socket[] = []
    const upstream = await startRawUpstream((socket) => {
      services.push(socket.pause())
      socket.write('HTTP/1.1 413 x\r\nContent-Length: 7\r\n\r\ntoo big')
    })
    const { enter, host } = await siteWithService(upstream)
    const browser = await enter()
    const answer = await browser.ask(host, { method: 'POST', body: Buffer.alloc(16 * 1024 * 1024) })
    expect([answer.status, answer.text]).toEqual([413, 'too big'])
    services[0]?.resume()
    await until('no connection to the service is left', () => upstream.sockets.count() === 0)
  })
})

it.each([
  ['while the service thinks', '', () => undefined],
  ['in the middle of an answer', '', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')],
  ['in the middle of an upload', 'Content-Length: 100000\r\n', () => undefined],
  ['in the middle of a handshake', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', () => undefined],
  [
    'with a websocket open',
    'Connection: Upgrade\r\nUpgrade: websocket\r\n',
    (socket: Socket) => socket.write('HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  ],
] as const)(
  'fault 91: 100 of 500 browsers that go away %s leave no connection behind',
  async (_when, headers, answer) => {
    const upstream = await startRawUpstream(answer)
    const { enter, host, port, owner, sockets } = await siteWithService(upstream)
    const { cookie } = await enter()
    const own = new URL(host)
    const head = `Host: ${own.host}\r\nOrigin: ${own.origin}\r\nCookie: ${cookie}\r\n${headers}\r\n`
    const before = sockets.count()
    const clients = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const client = connect(port, '127.0.0.1')
        client.on('error', () => undefined)
        await once(client, 'connect')
        client.write(`${headers.startsWith('Content') ? 'POST' : 'GET'} / HTTP/1.1\r\n${head}`)
        return client
      }),
    )
    await until('the service heard all of them', () => upstream.received.length === 100)
    // Half of them as browsers do when a tab is closed, half as networks do.
    for (const [at, client] of clients.entries()) at % 2 ? client.resetAndDestroy() : client.destroy()
    await until('no connection to the service is left', () => upstream.sockets.count() === 0)
    await until('no connection to the proxy is left', () => sockets.count() <= before)
    expect((await owner.query('account.me')).status).toBe(200)
  },
)
