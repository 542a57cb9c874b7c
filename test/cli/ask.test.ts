import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Cli, openCli } from '~/cli/cli'
import { readEnvironment } from '~/cli/environment'
import { EXIT } from '~/cli/exits'
import { openOutput } from '~/cli/output/output'
import { CANARY, type FakeAnswer, fakeLoginServer, ME } from './fake-login-server'

async function cliFor(answers: Record<string, FakeAnswer>) {
  const server = await fakeLoginServer(answers)
  const env = readEnvironment({ RUNCOMFY_TOKEN: CANARY, RUNCOMFY_WEB_BASE: server.url } as never, {
    home: '/nonexistent',
    hostname: 'laptop',
    platform: 'linux',
  })
  const written: string[] = []
  const stream = () => new PassThrough().on('data', (chunk) => written.push(String(chunk)))
  const options = { mode: 'pretty', quiet: false, verbosity: 2 } as const
  const output = openOutput(options, { stdout: stream(), stderr: stream() }, env)
  const interrupt = new AbortController()
  onTestFinished(() => interrupt.abort())
  const parts = { env, output, webBase: undefined, stdin: process.stdin, signal: interrupt.signal }
  return { cli: openCli({ ...parts, version: '1.2.3' }), server, interrupt, written: () => written.join('') }
}

const me = (cli: Cli) => cli.ask((api) => api.account.me.query())
const watch = (cli: Cli) =>
  cli.ask(
    (api) =>
      new Promise((_resolve, reject) => {
        const watching = api.machines.watch.subscribe(
          { id: 'x' },
          { onError: reject, onData: () => undefined },
        )
        cli.signal.addEventListener('abort', () => watching.unsubscribe())
      }),
  )
const refused = (httpStatus: number, message: string) => ({
  status: httpStatus,
  body: { error: { message, code: -32000, data: { code: 'X', httpStatus } } },
})

describe('a procedure’s failure is one sentence with the cure:', () => {
  test.each<[string, FakeAnswer, number, RegExp]>([
    [
      'refused',
      refused(401, 'This API token was revoked.'),
      EXIT.notAllowed,
      /^This API token was revoked\. The token came from RUNCOMFY_TOKEN: .+runcomfy login$/,
    ],
    [
      'not allowed',
      refused(403, 'This API token lacks the scope machines:write.'),
      EXIT.notAllowed,
      /machines:write\. The token came from RUNCOMFY_TOKEN: .+ run: runcomfy login$/,
    ],
    [
      'for administrators',
      refused(403, 'Lacks the scope admin:read.'),
      EXIT.notAllowed,
      /RUNCOMFY_TOKEN: .+ run: runcomfy login --admin$/,
    ],
    ['bad input', refused(400, 'name: is too long'), EXIT.badInput, /^name: is too long\.$/],
    [
      'limited',
      { ...refused(429, 'Too many.'), headers: { 'retry-after': '3' } },
      EXIT.tryAgain,
      /^Too many\. Try again in 3 s\.$/,
    ],
    ['failed', refused(500, 'Something went wrong.'), EXIT.upstream, /Try again later\.$/],
    ['a page', { status: 404, body: '<html>' }, EXIT.badInput, /a Slipway server.+404 with text\/html\.$/],
    [
      'half of one',
      { body: '{"result"', headers: { 'content-type': 'application/json' } },
      EXIT.upstream,
      /cut short/,
    ],
    ['other JSON', { body: { hello: 'world' } }, EXIT.upstream, /cut short/],
    [
      'a redirect',
      { status: 307, headers: { location: 'https://new.test' } },
      EXIT.badInput,
      /--web-base https:\/\/new\.test$/,
    ],
    [
      'cut',
      { cut: 'half-way', body: { result: { data: ME } } },
      EXIT.upstream,
      /before its answer was whole/,
    ],
    ['away', { cut: 'before' }, EXIT.upstream, /can't be reached/],
  ])('%s', async (_what, answer, exit, message) => {
    const { cli } = await cliFor({ '/trpc/account.me': answer })
    await expect(me(cli)).rejects.toMatchObject({
      name: 'CliError',
      exit,
      message: expect.stringMatching(message),
    })
  })

  test.each([
    ['refused', 401, EXIT.notAllowed],
    ['missing', 404, EXIT.badInput],
    ['failing', 500, EXIT.upstream],
  ])('a stream that is %s', async (_what, status, exit) => {
    const path = `/trpc/machines.watch?input=${encodeURIComponent('{"id":"x"}')}`
    const { cli } = await cliFor({ [path]: { status, body: {} } })
    await expect(watch(cli)).rejects.toMatchObject({ name: 'CliError', exit })
  })
})

test('what the command does wrong itself is not laid at the server’s door', async () => {
  const { cli } = await cliFor({})
  const fault = new RangeError('a fault in the program')
  await expect(cli.ask(() => Promise.reject(fault))).rejects.toBe(fault)
})

test('a request ends with the command, and is the command’s own', async () => {
  const { cli, server, interrupt, written } = await cliFor({ '/x?ticket=CANARY1&page=2': { body: {} } })
  await cli.fetch(`${server.url}/x?ticket=CANARY1&page=2`, { headers: { cookie: 'CANARY2' } })
  expect(server.asked[0]?.headers['user-agent']).toBe('runcomfy/1.2.3')
  expect(written()).toContain(`> GET ${server.url}/x?ticket=%5Bredacted%5D&page=2`)
  expect(written()).toContain('> cookie: [redacted]')
  expect(written()).not.toContain('CANARY')
  interrupt.abort()
  await expect(cli.fetch(server.url)).rejects.toMatchObject({ name: 'AbortError' })
})
