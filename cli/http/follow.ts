import { EventEmitter, on } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../cli'
import { CliError, EXIT, mayPass } from '../exits'
import type { Api } from './api'
import { pauseBefore, TRIES_MAX } from './pauses'

/** What a subscription tells, by the id that it goes on after. */
interface Told<T> {
  id: string
  data: T
}

interface Handlers<T> {
  onStarted(): void
  onData(told: Told<T>): void
  onConnectionStateChange(state: { error: unknown }): void
  onError(): void
  onComplete(): void
}

interface Following<T> {
  /** Begins the subscription after the event of this id; with the first one where there is none. */
  subscribe(api: Api, lastEventId: string | undefined, handlers: Handlers<T>): { unsubscribe(): void }
  /** A query that fails whenever the subscription has no chance: what ended a stream doesn't say why. */
  check(api: Api): Promise<unknown>
  /** Ends it quietly. */
  signal?: AbortSignal
  wait?: typeof pause
}

/**
 * Everything that a subscription tells, each once, also when the connection is lost or the server ends it after
 * its time.
 * @throws CliError when the server refuses, or stays away for minutes; whatever Ctrl-C makes of it
 */
export async function* follow<T>(
  cli: Cli,
  { subscribe, check, signal = cli.signal, wait = pause }: Following<T>,
): AsyncGenerator<T> {
  const ends = AbortSignal.any([cli.signal, signal])
  let lastEventId: string | undefined
  for (let tries = 0; !ends.aborted; tries++) {
    if (tries) await wait(pauseBefore(tries), undefined, { signal: ends }).catch(() => undefined)
    if (tries && !ends.aborted) await stillAllowed(cli, check, tries)
    if (ends.aborted) break
    let hasBegun = false
    const stream = new EventEmitter()
    // Before anything is told, so that nothing of it is missed.
    const told: AsyncIterable<Told<T>[]> = on(stream, 'told', { close: ['end'], signal: ends })
    const end = () => void stream.emit('end')
    const subscription = subscribe(await cli.api(), lastEventId, {
      onStarted: () => {
        hasBegun = true
      },
      onData: (one) => void stream.emit('told', one),
      onConnectionStateChange: ({ error }) => error && end(),
      onError: () => {
        hasBegun = false
        end()
      },
      onComplete: end,
    })
    try {
      for await (const [one] of told) {
        if (!one) continue
        lastEventId = one.id
        yield one.data
      }
    } catch (error) {
      if (!ends.aborted) throw error
    } finally {
      subscription.unsubscribe()
    }
    if (hasBegun) tries = 0
  }
  cli.signal.throwIfAborted()
}

/** @throws CliError unless trying again may help */
async function stillAllowed(cli: Cli, check: Following<unknown>['check'], tries: number): Promise<void> {
  try {
    await cli.ask(check)
  } catch (error) {
    if (!(error instanceof CliError) || !mayPass(error.exit) || tries >= TRIES_MAX) throw error
    if (tries === 1) cli.output.progress('connection', `${error.message} Trying again …`)
    return
  }
  if (tries >= TRIES_MAX)
    throw new CliError(EXIT.upstream, 'The server ends what it is asked to tell. Try again later.')
}
