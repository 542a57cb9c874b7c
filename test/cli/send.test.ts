import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { CUT_SHORT } from '~/cli/http/reply'
import { send } from '~/cli/http/send'
import { fakeLoginServer } from './fake-login-server'

const LONG = 'x'.repeat(100_000)

async function read(body: AsyncIterable<Uint8Array>, onBytes = () => {}) {
  for await (const _bytes of body) onBytes()
}

it('a body that is given up while it is read says why', async () => {
  const { url } = await fakeLoginServer({ '/result': { body: LONG, stall: 'half-way' } })
  const patience = new AbortController()
  const { body } = await send(`${url}/result`, { signal: patience.signal })
  const why = new Error('It was silent for a minute.')
  await expect(read(body as never, () => patience.abort(why))).rejects.toBe(why)
})

it('a body whose connection ends half-way is told apart from an answer that never came', async () => {
  const { url } = await fakeLoginServer({ '/result': { body: LONG, cut: 'half-way' } })
  const { body } = await send(`${url}/result`)
  await expect(read(body as never)).rejects.toMatchObject({ code: CUT_SHORT })
})

it('an answer that has come whole and is given up unread says why', async () => {
  const { url } = await fakeLoginServer({ '/result': { body: 'short' } })
  const patience = new AbortController()
  const { body } = await send(`${url}/result`, { signal: patience.signal })
  const why = new Error('It was not wanted.')
  patience.abort(why)
  await expect(read(body as never)).rejects.toBe(why)
})

it('a body of which no more is wanted ends its connection at once, though nothing comes', async () => {
  let ended: Promise<unknown> | undefined
  const server = createServer((_request, response) => {
    ended = once(response, 'close')
    response.write('The first of many.')
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { body } = await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  for await (const _bytes of body as never as AsyncIterable<Uint8Array>) break
  await ended
})
