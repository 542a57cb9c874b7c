import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { openCli } from '~/cli/cli'
import { type RunOptions, runModel } from '~/cli/commands/models/run'
import type { Pause } from '~/cli/models/wire'
import { openOutput } from '~/cli/output/output'
import { temporaryFolder } from '../support/temp-folder'
import { CANARY, type FakeAnswer, fakeLoginServer } from './fake-login-server'
import { environmentWith, sinks } from './main-with'

export const STATUS = '/v1/requests/r1/status'
export const RESULT = '/v1/requests/r1/result'
export const CANCEL = '/v1/requests/r1/cancel'
export const FILE = '/v1/requests/r1/files/0/a.png'

const status = (status: string, more = {}): FakeAnswer => ({ body: { request_id: 'r1', status, ...more } })

/** Answers one after the other; the last one stays. */
export function inTurn(...answers: FakeAnswer[]) {
  const left = [...answers]
  return () => (left.length > 1 ? left.shift() : left[0]) ?? {}
}

type Answers = NonNullable<Parameters<typeof fakeLoginServer>[0]>

/** A server with one model, `ana/flux`, whose only request is done at once; `answers` are what is different. */
export async function modelServer(answers: Answers = {}) {
  const server = await fakeLoginServer({
    '/v1/models/ana/flux': status('in_queue'),
    [STATUS]: status('completed'),
    [CANCEL]: status('cancelled', { outcome: 'cancelled' }),
    [FILE]: { body: 'a picture', headers: { etag: '"1"' } },
    ...answers,
  })
  const output = { images: [`${server.url}${FILE}`] }
  const result = answers[RESULT] ? {} : { [RESULT]: status('completed', { output }) }
  for (const [path, answer] of Object.entries(result)) server.answer(path, answer)
  return server
}
export { status }

/** A command in the test's own process, that pauses for no time. */
export function modelCli(url: string, { json = false, quiet = false } = {}) {
  const { said, ...streams } = sinks()
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const env = environmentWith({ RUNCOMFY_TOKEN: CANARY, RUNCOMFY_WEB_BASE: url })
  const interruption = new AbortController()
  const output = openOutput({ mode: json ? 'json' : 'pretty', quiet, verbosity: 0 }, streams, env)
  const stdin = Readable.from([]) as NodeJS.ReadStream
  const { signal } = interruption
  const cli = openCli({ env, output, webBase: undefined, stdin, signal, version: '1' })
  const pauses: number[] = []
  const wait: Pause = async (ms, value) => {
    signal.throwIfAborted()
    pauses.push(ms ?? 0)
    return value as never
  }
  return {
    cli,
    said,
    pauses,
    wait,
    folder: folder.path,
    files: () => readdirSync(folder.path).sort(),
    pathOf: (name: string) => join(folder.path, name),
    interrupt: () => interruption.abort(),
    /** @returns what ended it, if it failed */
    run: (options: Partial<RunOptions> = {}) =>
      runModel(
        cli,
        'ana/flux',
        { wait: true, download: true, pollSecs: 2, outputDir: folder.path, ...options },
        wait,
      ).then(
        () => undefined,
        (error) => error,
      ),
  }
}
