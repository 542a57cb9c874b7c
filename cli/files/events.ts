import { setTimeout as pause } from 'node:timers/promises'
import type { DownloadEvent } from '../../filebrowser/contract'
import { CliError, EXIT, mayPass } from '../exits'
import { pauseBefore, TRIES_MAX } from '../http/pauses'
import type { Files } from './files'

/** The file manager says every 20 seconds that it is still there. */
const SILENCE_MAX_MS = 60_000

interface Following {
  files: Files
  signal: AbortSignal
  /** Told when the connection is lost, once each time. */
  onLost(): void
  wait?: typeof pause
}

/**
 * What becomes of a machine's downloads. Whenever the stream breaks off it begins again, with the whole list.
 * @throws CliError when the machine refuses, as one that has ended does, or stays away for minutes
 */
export async function* downloadEvents({
  files,
  signal,
  onLost,
  wait = pause,
}: Following): AsyncGenerator<DownloadEvent> {
  for (let tries = 0; ; tries++) {
    if (tries > 0) await wait(pauseBefore(tries), undefined, { signal })
    try {
      for await (const event of stream(files, signal)) {
        tries = 0
        yield event
      }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof CliError && !mayPass(error.exit)) throw error
    }
    if (tries === 0) onLost()
    if (tries === TRIES_MAX)
      throw new CliError(
        EXIT.upstream,
        'The machine can’t be reached any more. Its downloads go on without this command.',
      )
  }
}

async function* stream(files: Files, signal: AbortSignal): AsyncGenerator<DownloadEvent> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), SILENCE_MAX_MS)
  try {
    const body = await files.stream('downloads/events', AbortSignal.any([signal, silence.signal]))
    const decoder = new TextDecoder()
    let text = ''
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
      timer.refresh()
      const messages = (text + decoder.decode(bytes, { stream: true })).split('\n\n')
      text = messages.pop() ?? ''
      for (const message of messages)
        if (message.startsWith('data: ')) yield JSON.parse(message.slice('data: '.length))
    }
  } finally {
    clearTimeout(timer)
  }
}
