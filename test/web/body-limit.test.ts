import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { raw } from './raw'
import { startSite } from './site'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

it.each(['/profile', '/machines?index', '/sign-in/guess', '/trpc/account.signIn'])(
  '%s reads no large body of anybody',
  async (path) => {
    const { visitor } = await startSite()
    const body = `token=${'x'.repeat(70_000)}`
    expect((await visitor().ask(path, { method: 'POST', headers: FORM, body })).status).toBe(413)
  },
)

it('a body that does not say its length is not read', async () => {
  const { visitor } = await startSite()
  const body = Readable.from(['token=', 'x']) as unknown as Buffer
  expect((await visitor().ask('/profile', { method: 'POST', headers: FORM, body })).status).toBe(411)
})

it.each([
  ['without a body', ''],
  ['with one', 'Content-Length: 2\r\n\r\n{}'],
])('a connection that lies idle after a request %s is ended', async (_which, rest) => {
  const { server, port } = await startSite()
  server.keepAliveTimeout = 50
  const answer = await raw(port, `GET /sign-in HTTP/1.1\r\nHost: slipway.test:3000\r\n${rest || '\r\n'}`)
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*keep-alive/)
})

it('a request whose head never ends is ended, and one whose body takes hours is not', async () => {
  const { server } = await startSite()
  expect([server.headersTimeout, server.requestTimeout]).toEqual([60_000, 0])
})
