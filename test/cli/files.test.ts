import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { CliError, EXIT } from '~/cli/exits'
import { downloadEvents } from '~/cli/files/events'
import { filesOrigin } from '~/cli/files/files-origin'
import { send } from '~/cli/http/send'
import type { DownloadEvent } from '~/filebrowser/contract'

describe('the token goes to', () => {
  const machineId = 'abcdefghijklmnop'
  const own = `m-${machineId}-files`
  const origin = (address: string, server = 'https://slipway.example') =>
    filesOrigin(address, { machineId, server })

  test.each([
    [`https://${own}.machines.example/`, 'https://slipway.example'],
    [`https://${own}.machines.example:8443/`, 'http://localhost:3000'],
    [`http://${own}.localhost:3000/`, 'http://localhost:3000'],
  ])('%s, as %s says', (address, server) => {
    expect(`${origin(address, server)}/`).toBe(address)
  })

  test.each([
    ['another machine', 'https://m-bbbbbbbbbbbbbbbb-files.machines.example/'],
    ['another service', `https://m-${machineId}-comfyui.machines.example/`],
    ['another host', 'https://evil.example/'],
    ['a host that only looks like it', `https://evil.example/${own}.machines.example/`],
    ['somebody with a name and password', `https://${own}.x:y@evil.example/`],
    ['plain http from https', `http://${own}.machines.example/`],
    ['another protocol', `ftp://${own}.machines.example/`],
    ['no address', 'files'],
  ])('no %s', (_what, address) => {
    expect(() => origin(address)).toThrow(CliError)
  })
})

describe('a name under .localhost', () => {
  async function listening(answer: RequestListener) {
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return `m-x-files.deep.localhost:${(server.address() as AddressInfo).port}`
  }

  it('is reached at 127.0.0.1 under its own name, with body and headers, and follows no redirect', async () => {
    const host = await listening(async (asked, response) => {
      let body = ''
      for await (const bytes of asked) body += bytes
      const { headers, method, url } = asked
      response.writeHead(303, { Location: 'http://evil.example/', 'Set-Cookie': ['a=1', 'b=2'] })
      response.end(JSON.stringify([headers.host, method, url, headers.authorization, body]))
    })
    const answer = await send(`http://${host}/a?b=c`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: '{}',
    })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([303, ['a=1', 'b=2']])
    expect(await answer.json()).toEqual([host, 'POST', '/a?b=c', 'Bearer x', '{}'])
  })

  it('streams, and ends with its signal', async () => {
    const host = await listening((_asked, response) => void response.write('first'))
    const stop = new AbortController()
    const { body } = await send(`http://${host}/`, { signal: stop.signal })
    const reader = body?.getReader()
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('first')
    const next = reader?.read()
    stop.abort()
    await expect(next).rejects.toThrow()
  })

  it('fails as fetch does when nobody is there, or before it has begun', async () => {
    await expect(send('http://x.localhost:9/')).rejects.toMatchObject({
      message: 'fetch failed',
      cause: { code: 'ECONNREFUSED' },
    })
    await expect(send('http://x.localhost:9/', { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
  })
})

describe('events', () => {
  const EVENT: DownloadEvent = { type: 'removed', ids: ['ä'] }
  const text = `: still here\n\ndata: ${JSON.stringify(EVENT)}\n\n`

  /** @param streams what comes each time, in pieces, and then breaks off; at last the machine refuses */
  async function collect(streams: (Buffer[] | CliError)[]) {
    const pauses: number[] = []
    let lost = 0
    const seen: DownloadEvent[] = []
    const end = new CliError(EXIT.badInput, 'The machine has ended.')
    const events = downloadEvents({
      signal: new AbortController().signal,
      onLost: () => {
        lost += 1
      },
      wait: async (ms) => void pauses.push(ms ?? 0) as never,
      files: {
        machine: { id: 'x', name: 'x' },
        ask: () => Promise.reject(end),
        stream: async () => {
          const next = streams.shift() ?? end
          if (next instanceof CliError) throw next
          return Readable.toWeb(Readable.from(next)) as ReadableStream<Uint8Array>
        },
      },
    })
    const error = await (async () => {
      for await (const event of events) seen.push(event)
    })().catch((error: unknown) => error)
    return { pauses, lost, seen, error, end }
  }

  it('are whole however they are cut, also inside of a character, and come again after a lost stream', async () => {
    const bytes = Buffer.from(text)
    const pieces = [...bytes].map((byte) => Buffer.from([byte]))
    const { seen, error, end, pauses, lost } = await collect([pieces, [bytes], [bytes.subarray(0, -1)]])
    expect([seen, error]).toEqual([[EVENT, EVENT], end])
    expect([lost, pauses]).toEqual([2, [500, 500, 1000]])
  })

  it('are waited for while the machine is away, ever more patiently, and not for ever', async () => {
    const away = Array.from({ length: 50 }, () => new CliError(EXIT.upstream, 'Away.'))
    const { error, pauses, lost } = await collect(away)
    expect(error).toMatchObject({ exit: EXIT.upstream, message: expect.stringMatching(/go on without/) })
    expect([lost, pauses.length, Math.max(...pauses)]).toEqual([1, 40, 5000])
  })
})
