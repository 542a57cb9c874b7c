import type { RefusalView } from '../../filebrowser/contract'
import type { Cli } from '../cli'
import { CliError, EXIT, exitOfStatus } from '../exits'
import type { Fetch, Reply } from '../http/reply'
import { machineNamed } from '../named/machine'
import { filesOrigin } from './files-origin'
import { refusedBy } from './refusal'

/** The file manager of a running machine. */
export interface Files {
  machine: { id: string; name: string }
  /** Asks for JSON, with POST where there is a body. @throws CliError when it is refused or there is no answer */
  ask<T>(path: string, body?: unknown): Promise<T>
  /** Begins a stream of events. @throws CliError when it is refused, and what fetch throws without an answer */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

/** @throws CliError `badInput` when the machine doesn't run or has no file manager, with what to do about it */
export async function openFiles(cli: Cli, given: string): Promise<Files> {
  const { id, name, status, services } = await machineNamed(cli, given)
  if (status !== 'running') throw new CliError(EXIT.badInput, `${name} ${WORDS[status]} ${CURES[status](id)}`)
  const service = services.find((each) => each.name === 'filebrowser')
  if (!service) throw new CliError(EXIT.badInput, `${name} has no file manager.`)
  const { server, token } = cli.login()
  const origin = filesOrigin(service.url, { machineId: id, server })

  async function request(path: string, init: Parameters<Fetch>[1] & object): Promise<Reply> {
    const headers = { authorization: `Bearer ${token}`, ...init.headers }
    const answer = await cli.fetch(`${origin}/api/${path}`, { ...init, headers })
    if (answer.ok) return answer
    throw refusedBy(await readRefusal(answer, origin), answer.status)
  }
  return {
    machine: { id, name },
    ask: (path, body) =>
      cli.ask(async () => {
        const posted = { method: 'POST', body: JSON.stringify(body) }
        const answer = await request(path, {
          ...(body !== undefined && posted),
          headers: { accept: 'application/json', 'content-type': 'application/json' },
        })
        return readJson(answer, origin)
      }),
    async stream(path, signal) {
      const { body } = await request(path, { headers: { accept: 'text/event-stream' }, signal })
      if (!body) throw noAnswer(EXIT.upstream, origin)
      return body
    },
  }
}

type Idle = 'queued' | 'starting' | 'stopping' | 'stopped' | 'failed'
const WORDS: Record<Idle, string> = {
  queued: 'has not started yet.',
  starting: 'is still starting.',
  stopping: 'is about to end.',
  stopped: 'has stopped.',
  failed: 'has failed.',
}
const watch = (id: string) => `Try again once it runs: runcomfy machines show ${id}`
const relaunch = (id: string) => `Its files are kept: runcomfy machines relaunch ${id}`
const CURES: Record<Idle, (id: string) => string> = {
  queued: watch,
  starting: watch,
  stopping: relaunch,
  stopped: relaunch,
  failed: (id) => `See why: runcomfy machines show ${id}`,
}

async function readJson(answer: Reply, origin: string) {
  const text = await answer.text()
  try {
    return JSON.parse(text)
  } catch {
    const exit = answer.ok ? EXIT.upstream : exitOfStatus(answer.status)
    throw noAnswer(exit, origin)
  }
}

async function readRefusal(answer: Reply, origin: string): Promise<RefusalView> {
  const error = (await readJson(answer, origin))?.error
  if (typeof error?.code === 'string' && typeof error.message === 'string') return error
  throw noAnswer(exitOfStatus(answer.status), origin)
}

const noAnswer = (exit: CliError['exit'], origin: string) =>
  new CliError(
    exit,
    `What answers at ${origin} is no file manager of a machine. Does its proxy pass this host on?`,
  )
