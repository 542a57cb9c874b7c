import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cli } from '~/cli/cli'
import { CliError, EXIT } from '~/cli/exits'
import { openApi } from '~/cli/http/api'
import { follow } from '~/cli/http/follow'
import { listen } from '../fakes/listen'

type Handlers = Parameters<Parameters<typeof follow<string>>[1]['subscribe']>[2]

/** A server of which each subscription does the next thing of a list, and the pauses in between. */
function withServer(
  connections: ((handlers: Handlers) => void)[],
  check: () => Promise<unknown> = async () => 0,
) {
  const said: string[] = []
  const begun: (string | undefined)[] = []
  const pauses: number[] = []
  const interruption = new AbortController()
  const leaving = new AbortController()
  const cli = {
    signal: interruption.signal,
    output: { progress: (_tag: string, text: string) => said.push(text) },
    api: () => ({}),
    ask: (work: () => unknown) => work(),
  } as unknown as Cli
  const told = follow<string>(cli, {
    check,
    signal: leaving.signal,
    wait: async (ms = 0) => void pauses.push(ms) as never,
    subscribe: (_api, lastEventId, handlers) => {
      begun.push(lastEventId)
      const next = connections.shift()
      setImmediate(() => (next ? next(handlers) : handlers.onError()))
      return { unsubscribe: () => undefined }
    },
  })
  return { told, said, begun, pauses, interruption, leaving }
}

const away = async () => {
  throw new CliError(EXIT.upstream, 'It can’t be reached.')
}
const tell =
  (...ids: string[]) =>
  (handlers: Handlers) => {
    handlers.onStarted()
    for (const id of ids) handlers.onData({ id, data: `event ${id}` })
  }

async function collected(told: AsyncIterable<string>, into: string[]) {
  for await (const one of told) into.push(one)
}

describe('following', () => {
  it('goes on after the last event that was taken, and loses none that came before the end', async () => {
    const { told, begun } = withServer([
      (handlers) => {
        tell('1', '2')(handlers)
        handlers.onConnectionStateChange({ error: new Error('cut') })
      },
      (handlers) => {
        tell('3')(handlers)
        handlers.onComplete()
      },
      tell('4'),
    ])
    const events: string[] = []
    for await (const one of told) if (events.push(one) === 4) break
    expect(events).toEqual(['event 1', 'event 2', 'event 3', 'event 4'])
    expect(begun).toEqual([undefined, '2', '3'])
  })

  it('says once that the server is away, asks less and less often, and gives up in the end', async () => {
    const { told, said, pauses } = withServer([], away)
    await expect(collected(told, [])).rejects.toMatchObject({ exit: 69 })
    expect(said).toEqual(['It can’t be reached. Trying again …'])
    expect(pauses.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 5000, 5000])
    expect(pauses).toHaveLength(40)
  })

  it('goes on when a connection is dead though nobody has said so', async () => {
    const server = await listen(({ url = '' }, answer) => {
      const { lastEventId } = JSON.parse(new URL(url, 'http://x').searchParams.get('input') ?? '')
      const id = Number(lastEventId ?? 0) + 1
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      // After this it is silent.
      answer.write(`event: connected\ndata: {"reconnectAfterInactivityMs":20}\n\nid: ${id}\ndata: ${id}\n\n`)
    })
    onTestFinished(server.close)
    const api = openApi({ server: server.url, token: 'x', source: 'x' }, fetch)
    const cli = {
      signal: new AbortController().signal,
      output: {},
      api: () => api,
      ask: async () => 0,
    } as unknown as Cli
    const told = follow<unknown>(cli, {
      check: async () => 0,
      wait: async () => undefined as never,
      subscribe: ({ machines }, lastEventId, handlers) =>
        machines.watch.subscribe({ id: 'x', lastEventId }, handlers),
    })
    const events: unknown[] = []
    for await (const one of told) if (events.push(one) === 3) break
    expect(events).toEqual([1, 2, 3])
  })

  it('ends at once when the server refuses', async () => {
    const refused = async () => {
      throw new CliError(EXIT.notAllowed, 'Revoked.')
    }
    const { told, begun } = withServer(
      [tell('1'), tell('2')].map((one) => (handlers: Handlers) => {
        one(handlers)
        handlers.onComplete()
      }),
      refused,
    )
    const events: string[] = []
    await expect(collected(told, events)).rejects.toMatchObject({ exit: 77 })
    expect([events, begun.length]).toEqual([['event 1'], 1])
  })

  it('ends without a word when its caller leaves, also while it is cut off', async () => {
    const { told, begun, leaving } = withServer([tell('1')])
    const events: string[] = []
    const ended = collected(told, events)
    setImmediate(() => setImmediate(() => leaving.abort()))
    await ended
    const cutOff = withServer([], async () => cutOff.leaving.abort())
    await collected(cutOff.told, events)
    expect([events, begun.length, cutOff.begun.length]).toEqual([['event 1'], 1, 1])
  })

  it('that is interrupted throws, so that the command does not end well', async () => {
    const { told, interruption } = withServer([tell('1')])
    const events: string[] = []
    const ended = expect(collected(told, events)).rejects.toThrow()
    setImmediate(() => setImmediate(() => interruption.abort()))
    await ended
  })
})
