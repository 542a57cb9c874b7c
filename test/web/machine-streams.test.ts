import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { until } from '../support/until'
import { siteWithMachine } from './machine-site'

const MIB = 1024 ** 2
const SIZE = 256 * MIB
/** What both kernels' buffers of both connections, and Node's, can hold between a sender and a reader. */
const AHEAD_MAX = 32 * MIB

/** Bytes without end, counted as they are taken. */
function counted(total: number) {
  const chunk = randomBytes(64 * 1024)
  let given = 0
  const body = new Readable({
    read() {
      const size = Math.min(chunk.length, total - given)
      given += size
      this.push(size ? chunk.subarray(0, size) : null)
    },
  })
  return { body, given: () => given }
}

/** Waits until a count stands still while something else has every chance to raise it. */
async function standsStill(count: () => number) {
  let last = -1
  await until('nothing moves any more', async () => {
    const before = last
    last = count()
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 2))
    return last === before && count() === last
  })
  return last
}

it('an upload of any size waits for a service that reads slowly, and arrives whole', async () => {
  const arrived: { request?: IncomingMessage; response?: ServerResponse } = {}
  const { enter, host, port } = await siteWithMachine((request, response) => {
    Object.assign(arrived, { request, response })
  })
  const { cookie } = await enter()
  const own = new URL(host)
  const client = connect(port, '127.0.0.1')
  client.write(
    `POST /upload HTTP/1.1\r\nHost: ${own.host}\r\nOrigin: ${own.origin}\r\nCookie: ${cookie}\r\nContent-Length: ${SIZE}\r\n\r\n`,
  )
  const { body, given } = counted(SIZE)
  body.pipe(client, { end: false })
  const { request, response } = await until('the upload has begun', () => arrived.request && arrived)
  // The service reads nothing: whatever was taken lies in buffers on the way.
  expect(await standsStill(given)).toBeLessThan(AHEAD_MAX)
  let received = 0
  request?.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  await once(request as IncomingMessage, 'end')
  expect(received).toBe(SIZE)
  response?.end('taken')
  const [answer] = await once(client, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
  client.destroy()
})

it('a download of any size waits for a browser that reads slowly, and arrives whole', async () => {
  const { body, given } = counted(SIZE)
  const { enter, host } = await siteWithMachine((_request, response) => {
    response.setHeader('Content-Length', SIZE)
    body.pipe(response)
  })
  const { body: download } = await (await enter()).stream(host)
  expect(await standsStill(given)).toBeLessThan(AHEAD_MAX)
  let received = 0
  for await (const chunk of download) received += chunk.length
  expect(received).toBe(SIZE)
})

it('big bodies pass in both directions, unchanged', async () => {
  const received = createHash('sha256')
  const body = randomBytes(32 * MIB)
  const { enter, host } = await siteWithMachine(async (incoming, response) => {
    for await (const chunk of incoming) received.update(chunk)
    response.end(body)
  })
  const browser = await enter()
  const answer = await browser.stream(host, { method: 'POST', body })
  const sent = createHash('sha256').update(body).digest('hex')
  const returned = Buffer.from(await answer.body.arrayBuffer())
  expect(received.digest('hex')).toBe(sent)
  expect(createHash('sha256').update(returned).digest('hex')).toBe(sent)
})
