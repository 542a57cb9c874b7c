import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../cli'
import { CliError, exitOfStatus, mayPass } from '../exits'
import { fieldOf, retryAfterOf } from '../http/answer'
import { askFor, bodyOf } from '../http/ask'
import { pauseBefore, TRIES_MAX } from '../http/pauses'
import type { Fetch } from '../http/reply'
import { faultLines } from './faults'

export type Pause = typeof pause

/** No server is waited for longer than that at a time. */
const PAUSE_MAX_S = 300

/** What a body says, and how long the server wants to be left alone after it. */
export interface Told {
  body: object
  retryAfterSeconds: number | undefined
}

/**
 * One request of the Model API, with the login's token.
 * @param path below `/v1/`
 * @throws CliError with every fault on a line of its own, when inputs were refused
 */
export async function askWire(
  { login, fetch }: Pick<Cli, 'login' | 'fetch'>,
  path: string,
  init?: Parameters<Fetch>[1],
): Promise<Told> {
  const asked = login()
  const headers = { accept: 'application/json', authorization: `Bearer ${asked.token}`, ...init?.headers }
  const answer = await askFor(fetch, `${asked.server}/v1/${path}`, { ...init, headers })
  const faults = answer.status < 400 ? [] : faultLines(fieldOf(answer.body, 'errors'))
  if (faults.length)
    throw new CliError(exitOfStatus(answer.status), `The server refused this:\n${faults.join('\n')}`)
  return { body: bodyOf(answer, asked), retryAfterSeconds: retryAfterOf(answer.headers, Date.now()) }
}

/**
 * Asks for what changes nothing, and again while the server is away, as in an upgrade.
 * @throws CliError when it refuses, or stays away for minutes
 */
export async function askPatiently(cli: Cli, path: string, wait: Pause = pause): Promise<Told> {
  for (let tries = 1; ; tries++)
    try {
      return await askWire(cli, path)
    } catch (error) {
      if (!(error instanceof CliError) || !mayPass(error.exit) || tries >= TRIES_MAX) throw error
      if (tries === 1) cli.output.progress('connection', `${error.message} Trying again …`)
      await wait(pauseMs(pauseBefore(tries), error.retryAfterSeconds), undefined, { signal: cli.signal })
    }
}

/** @returns our own pause, or the server's where that is longer */
export const pauseMs = (ownMs: number, retryAfterSeconds = 0): number =>
  Math.max(ownMs, Math.min(retryAfterSeconds, PAUSE_MAX_S) * 1000)
