import { request } from 'node:http'
import { expect, test } from 'vitest'
import { startFilebrowser } from './harness'

/** `fetch` won't send another Host. */
function send(
  origin: string,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(origin + path, { method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject).end()
  })
}

test('only a loopback name is answered, so that no page can rebind its name to us', async () => {
  const { origin } = await startFilebrowser()
  const { host, port } = new URL(origin)
  for (const good of [host, `localhost:${port}`, '127.0.0.1:1'])
    expect(await send(origin, 'GET', '/healthz', { host: good })).toBe(200)
  for (const bad of [
    'evil.example',
    `evil.example:${port}`,
    `localhost.evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
  ])
    expect([bad, await send(origin, 'GET', '/api/files?path=', { host: bad })]).toEqual([bad, 403])
})

test.each([
  ['slipway-one.machines.svc', 'slipway-one.machines.svc'],
  ['fd00::7', '[fd00::7]'],
])('served as %s, that name is answered too, and another machine’s is not', async (SERVED_AS, name) => {
  const { origin } = await startFilebrowser({ env: { SERVED_AS } })
  for (const good of [name, `${name}:8080`, 'localhost'])
    expect([good, await send(origin, 'GET', '/healthz', { host: good })]).toEqual([good, 200])
  const own = { host: `${name}:8080`, origin: `http://${name}:8080` }
  expect(await send(origin, 'DELETE', '/api/files?path=none', own)).not.toBe(403)
  for (const bad of ['slipway-two.machines.svc', `${name}.evil.example`, '[fd00::8]:8080', 'fd00'])
    expect([bad, await send(origin, 'GET', '/healthz', { host: bad })]).toEqual([bad, 403])
})

test('a page of another origin changes nothing', async () => {
  const { origin, call } = await startFilebrowser()
  await call('PUT', 'file?path=a.txt', 'a')
  const { port } = new URL(origin)
  const foreign = [
    'https://evil.example',
    'null',
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1:1',
    `http://localhost:${port}`,
  ]
  for (const other of foreign)
    expect([other, await send(origin, 'DELETE', '/api/files?path=a.txt', { origin: other })]).toEqual([
      other,
      403,
    ])
  expect(
    await send(origin, 'DELETE', '/api/files?path=a.txt', {
      origin: 'https://evil.example',
      'x-requested-with': 'x',
    }),
  ).toBe(403)
  expect((await call('GET', 'file?path=a.txt')).text).toBe('a')
})

test('a script without an Origin says so with a header, which no foreign page can send', async () => {
  const { origin, call } = await startFilebrowser()
  await call('PUT', 'file?path=a.txt', 'a')
  expect(await send(origin, 'DELETE', '/api/files?path=a.txt', {})).toBe(403)
  expect(await send(origin, 'DELETE', '/api/files?path=a.txt', { 'x-requested-with': 'curl' })).toBe(204)
})

test('every answer forbids foreign scripts, sniffing and framing', async () => {
  const { origin } = await startFilebrowser()
  for (const path of ['/healthz', '/api/files?path=', '/nothing-here']) {
    const { headers } = await fetch(origin + path)
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
  }
})

test('a request that makes no sense is told so, without a trace of the inside', async () => {
  const { origin, call, log } = await startFilebrowser()
  expect((await call('POST', 'move', { from: 1 })).status).toBe(400)
  expect((await call('GET', 'files')).status).toBe(400)
  expect((await call('GET', 'nothing')).status).toBe(404)
  const broken = await fetch(`${origin}/api/move`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{',
  })
  expect(broken.status).toBe(400)
  expect(await broken.text()).not.toContain('node_modules')
  expect(log).toEqual([])
})
