import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../support/certificate'
import { freePort } from '../support/free-port'
import { temporaryFolder } from '../support/temp-folder'
import { CANARY, type FakeAnswer, fakeLoginServer, ME } from './fake-login-server'
import { runCommand } from './run-command'

const LATER = new Date(Date.now() + 3_600_000).toUTCString()
const html = '<html><body>Not here</body></html>'

/** The command with a token in its variable, so that no file is asked. */
async function ask(url: string, args: string[], env: Record<string, string> = {}) {
  const ran = await runCommand([...args, '-vv'], {
    env: { HOME: '/nonexistent', RUNCOMFY_WEB_BASE: url, RUNCOMFY_TOKEN: CANARY, ...env },
  })
  expect(ran.stdout + ran.stderr + ran.commandLine).not.toContain(CANARY.slice(0, 20))
  const stderr = ran.stderr.split('\n').filter((line) => line && !/^[<>] /.test(line))
  return { code: ran.code, stdout: ran.stdout, stderr: stderr.join('\n') }
}

const FAILURES: [string, FakeAnswer, number, string | RegExp][] = [
  [
    'ends before it answers',
    { cut: 'before' },
    69,
    /can't be reached\. It ended the connection without an answer\. Try again\.$/,
  ],
  [
    'ends half-way',
    { cut: 'half-way', body: ME },
    69,
    /can't be reached\. It ended the connection before its answer was whole\. Try again\.$/,
  ],
  [
    'sends half an answer',
    { body: ME, headers: { 'content-length': '20' } },
    69,
    /sent an answer that is cut short\. Try again\.$/,
  ],
  [
    'knows the token no more',
    { status: 401, body: { error: 'This API token is unknown, was revoked or has expired.' } },
    77,
    'This API token is unknown, was revoked or has expired. The token came from RUNCOMFY_TOKEN: set another there, or unset it and run: runcomfy login',
  ],
  [
    'says 401 an hour from now',
    { status: 401, body: { error: 'No.' }, headers: { date: LATER } },
    77,
    /The clock is off: this computer says .+ UTC, the server .+ UTC\./,
  ],
  [
    'wants a scope',
    { status: 403, body: { error: 'This API token lacks the scope admin:write.' } },
    77,
    'This API token lacks the scope admin:write. The token came from RUNCOMFY_TOKEN: set another there, or unset it and run: runcomfy login --admin',
  ],
  [
    'has no such page',
    { status: 404, body: { error: 'There is no such page.' } },
    65,
    'There is no such page.',
  ],
  [
    'limits',
    { status: 429, body: { error: 'Too many tries.' }, headers: { 'retry-after': '90' } },
    75,
    'Too many tries. Try again in 90 s.',
  ],
  [
    'fails',
    { status: 500, body: { error: 'Something went wrong.' } },
    69,
    'Something went wrong. Try again later.',
  ],
  [
    'is a page',
    { body: html },
    69,
    /^Is .+ a Slipway server, and does its proxy reach it\? It answered 200 with text\/html\.$/,
  ],
  ['is a page that is missing', { status: 404, body: html }, 65, /It answered 404 with text\/html\.$/],
  [
    'is a proxy that waits',
    { status: 503, body: html, headers: { 'retry-after': '600' } },
    69,
    /503 with text\/html\. Try again in 10 minutes\.$/,
  ],
  [
    'sends elsewhere',
    { status: 301, headers: { location: 'https://new.test/api' } },
    65,
    /sends on to https:\/\/new\.test\. Give that address: --web-base https:\/\/new\.test$/,
  ],
  [
    'sends to sign in',
    { status: 302, headers: { location: '/sign-in' } },
    65,
    /Is .+ a Slipway server\? It sends requests on to another page\.$/,
  ],
  ['answers with nothing', { body: null }, 69, /cut short/],
]

const MODES = ['pretty', 'json'] as const

describe('one sentence and an exit code say in both modes that the server', () => {
  const sentences = async (url: string, code: number) => {
    const both = await Promise.all(MODES.map((mode) => ask(url, ['whoami', '--output', mode])))
    for (const { stderr } of both) expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
    expect(both).toMatchObject(Array(2).fill({ code, stdout: '' }))
    const [pretty, json] = both.map(({ stderr }) => stderr)
    return { pretty: pretty?.replace(/^Error: /, ''), json: JSON.parse(json ?? '').error }
  }

  test.each(FAILURES)('%s', async (_how, answer, code, sentence) => {
    const server = await fakeLoginServer({ '/api/auth/me': answer })
    const { pretty, json } = await sentences(server.url, code)
    const expected = typeof sentence === 'string' ? sentence : expect.stringMatching(sentence)
    expect({ pretty, json }).toEqual({ pretty: expected, json: expected })
    expect(server.asked).toHaveLength(2)
  })

  test('turns the terminal round', async () => {
    const error = '\u001b[2JBad\u202e \u009bthing'
    const server = await fakeLoginServer({ '/api/auth/me': { status: 400, body: { error } } })
    expect(await sentences(server.url, 65)).toEqual({ pretty: 'Bad thing.', json: `${error}.` })
  })

  test('is away', async () => {
    const { pretty, json } = await sentences(`http://127.0.0.1:${await freePort()}`, 69)
    expect(pretty).toContain('Nothing answers there: is the server running')
    expect(json).toBe(pretty)
  })

  test('has a name that nobody knows', async () => {
    const { pretty } = await sentences('https://nowhere.invalid', 69)
    expect(pretty).toMatch(/No such host|can't be looked up/)
  })
})

describe('a certificate that can’t be trusted is said, with the cure:', () => {
  const DAY = 86_400_000
  const { path: folder, remove } = temporaryFolder()
  afterAll(remove)

  test.each<[string, Parameters<typeof selfSigned>[0], boolean, RegExp]>([
    ['signed by itself', {}, false, /name its file: NODE_EXTRA_CA_CERTS=/],
    ['for another name', { host: 'other.test' }, true, /is for other names/],
    [
      'expired',
      { from: Date.now() - 9 * DAY, to: Date.now() - DAY },
      true,
      /has expired: this computer's clock says .+ UTC\. If that is right/,
    ],
    [
      'not valid yet',
      { from: Date.now() + DAY, to: Date.now() + 9 * DAY },
      true,
      /is not valid yet: this computer's clock says .+ UTC/,
    ],
  ])('%s', async (_what, options, isKnown, sentence) => {
    const tls = selfSigned(options)
    const server = await fakeLoginServer({}, tls)
    writeFileSync(join(folder, 'ca.pem'), tls.cert)
    const env = isKnown ? { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } : undefined
    const { code, stderr } = await ask(server.url, ['whoami'], env)
    expect(stderr).toMatch(sentence)
    expect(code).toBe(69)
    expect(JSON.stringify(server.asked)).not.toContain(CANARY)
  })

  test('and one that the user has named is', async () => {
    const tls = selfSigned()
    const server = await fakeLoginServer({}, tls)
    writeFileSync(join(folder, 'ca.pem'), tls.cert)
    const { code } = await ask(server.url, ['whoami'], { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })
    expect(code).toBe(0)
  })

  test('a clock that is off is told from the server’s', async () => {
    const tls = selfSigned({ from: Date.now() - 9 * DAY, to: Date.now() - DAY })
    const server = await fakeLoginServer(
      { '/': { headers: { date: new Date(Date.now() - 5 * DAY).toUTCString() } } },
      tls,
    )
    writeFileSync(join(folder, 'ca.pem'), tls.cert)
    const { stderr } = await ask(server.url, ['whoami'], { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })
    expect(stderr).toMatch(
      /has expired: .+ The clock is off: this computer says .+, the server .+\. Set the one that is wrong\.$/,
    )
  })

  test('none at all, where https was asked for', async () => {
    const { port } = await fakeLoginServer()
    const { code, stderr } = await ask(`https://127.0.0.1:${port}`, ['whoami'])
    expect({ code, stderr }).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('does not speak https'),
    })
  })
})
