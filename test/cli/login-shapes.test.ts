import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readEnvironment } from '~/cli/environment'
import { main } from '~/cli/main'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { CANARY, fakeLoginServer, ME } from './fake-login-server'
import { type RunOptions, runCommand } from './run-command'

type Fake = Awaited<ReturnType<typeof fakeLoginServer>>
const OLD = 'slipway_cli_CANARYold0123456789abcdefghijklmnopqr'
const NO_SECRET = /CANARY/

/** A home folder of one user, and the command in it. */
function home() {
  const { path, remove } = temporaryFolder()
  onTestFinished(remove)
  const file = join(path, '.config/runcomfy/token.json')
  return {
    path,
    file,
    saved: () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined),
    save(token: string, webBase: string | undefined) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(file, JSON.stringify({ access_token: token, web_base: webBase }), { mode: 0o600 })
    },
    runcomfy: (args: string[], { env, ...options }: RunOptions = {}) =>
      runCommand(args, { ...options, env: { HOME: path, ...env } }),
  }
}
const login = (server: Fake, ...args: string[]) => ['login', '--web-base', server.url, ...args]
const lines = (text: string) => text.trim().split('\n')

describe('login', () => {
  test('shows where to type which code, waits for its user, and keeps the token for that server alone', async () => {
    let polls = 0
    const server = await fakeLoginServer({
      '/api/cli-auth/poll': () => ({
        body: ++polls === 1 ? { status: 'pending' } : { status: 'authorized', access_token: CANARY },
      }),
    })
    const { runcomfy, saved, file } = home()
    const { code, stdout, stderr, commandLine } = await runcomfy(
      login(server, '-vv', '--name', "Ana's laptop"),
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Logged in to ${server.url} as ana@example.org.\n` })
    expect(stderr).toContain(`Open ${server.url}/cli-auth and enter the code BCDF-2345\n`)
    expect(stderr).toContain('> authorization: [redacted]')
    expect(stdout + stderr + commandLine).not.toMatch(NO_SECRET)
    expect(stderr).not.toContain('\u001b')
    expect(JSON.parse(server.at('/api/cli-auth/start')[0]?.body ?? '')).toEqual({
      device_name: "Ana's laptop",
      scopes: ['write'],
    })
    expect(server.at('/api/cli-auth/poll').map(({ body }) => JSON.parse(body))).toEqual(
      Array(2).fill({ device_code: 'CANARY-device-code' }),
    )
    expect(saved()).toEqual({
      access_token: CANARY,
      refresh_token: null,
      expires_at: null,
      user_email: 'ana@example.org',
      web_base: server.url,
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const who = await runcomfy(['whoami'])
    expect(who).toMatchObject({
      code: 0,
      stdout: 'ana@example.org\ntoken type: cli\nuser id: u1\n',
      stderr: '',
    })
    expect(server.at('/api/auth/me').at(-1)?.headers.authorization).toBe(`Bearer ${CANARY}`)
  })

  test('in json mode is one line on stdout without the token, and one that a script can show', async () => {
    const server = await fakeLoginServer()
    const { runcomfy, file } = home()
    const { code, stdout, stderr } = await runcomfy(login(server, '--output', 'json', '--admin'))
    expect(code).toBe(0)
    expect(lines(stdout).map((line) => JSON.parse(line))).toEqual([
      { status: 'authorized', web_base: server.url, user: ME, token_file: file },
    ])
    expect(lines(stderr).map((line) => JSON.parse(line))).toEqual([
      { verify_url: `${server.url}/cli-auth`, user_code: 'BCDF-2345', expires_in: 600 },
    ])
    expect(JSON.parse(server.at('/api/cli-auth/start')[0]?.body ?? '').scopes).toEqual([
      'write',
      'admin:write',
    ])
    expect(stdout + stderr).not.toMatch(NO_SECRET)
  })

  test('again revokes the one before once the new one is saved, and says when it could not', async () => {
    const states: unknown[] = []
    const { runcomfy, save, saved } = home()
    const server = await fakeLoginServer({
      '/oauth/revoke': ({ body }) => {
        states.push([Object.fromEntries(new URLSearchParams(body)), saved().access_token])
        return states.length === 1 ? { body: {} } : { status: 503, body: { error: 'Not now.' } }
      },
    })
    save(OLD, server.url)
    const first = await runcomfy(['login'])
    expect(first.stderr).toContain(`Already logged in to ${server.url}`)
    const second = await runcomfy(['login', '--quiet'])
    expect(states).toEqual([
      [{ token: OLD, client_id: 'runcomfy' }, CANARY],
      [{ token: CANARY, client_id: 'runcomfy' }, CANARY],
    ])
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Logged in') })
    expect(lines(second.stderr)).toEqual([
      `Open ${server.url}/cli-auth and enter the code BCDF-2345`,
      `Warning: The login before could not be revoked: Not now. Try again later. Revoke it at ${server.url}/profile`,
    ])
  })

  test('elsewhere sends no token to another server, and says that it stays good', async () => {
    const [server, other] = [await fakeLoginServer(), await fakeLoginServer()]
    const { runcomfy, save, saved } = home()
    save(OLD, other.url)
    const { code, stderr } = await runcomfy(login(server), {
      env: { RUNCOMFY_TOKEN: 'slipway_cli_CANARYother' },
    })
    expect(code).toBe(0)
    expect(stderr).toContain(`The login to ${other.url} stays good there. Revoke it at ${other.url}/profile`)
    expect(stderr).toContain('RUNCOMFY_TOKEN is set and wins over this login.')
    expect(other.asked).toEqual([])
    expect(JSON.stringify(server.asked)).not.toMatch(/CANARYold|CANARYother/)
    expect(saved().web_base).toBe(server.url)
  })

  test('opens a browser with the address as an argument of its own', async () => {
    const server = await fakeLoginServer()
    const { runcomfy, path } = home()
    const browser = join(path, 'browser')
    writeFileSync(browser, `#!/bin/sh\nprintf '%s|' "$@" > ${path}/opened\n`)
    chmodSync(browser, 0o755)
    await runcomfy(login(server), { env: { BROWSER: browser } })
    expect(
      await until(
        'it was opened',
        () => existsSync(join(path, 'opened')) && readFileSync(join(path, 'opened'), 'utf8'),
      ),
    ).toBe(`${server.url}/cli-auth|`)
  })

  test('that is denied, or interrupted, saves nothing', async () => {
    const denied = await fakeLoginServer({
      '/api/cli-auth/poll': { status: 410, body: { status: 'denied' } },
    })
    const { runcomfy, saved } = home()
    const waiting = await fakeLoginServer({ '/api/cli-auth/poll': { body: { status: 'pending' } } })
    const interrupt = new AbortController()
    const onOutput = (text: string) => text.includes('Waiting') && interrupt.abort()
    const [first, second] = await Promise.all([
      runcomfy(login(denied)),
      runcomfy(login(waiting), { signal: interrupt.signal, onOutput }),
    ])
    expect(first).toMatchObject({
      code: 77,
      stdout: '',
      stderr: expect.stringMatching(/\nError: The login was denied\.\n$/),
    })
    expect(second).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.not.stringContaining('Error'),
    })
    expect(saved()).toBeUndefined()
  })

  test('that could not be saved is not begun; one that replaces a broken file is', async () => {
    const server = await fakeLoginServer()
    const { runcomfy, file } = home()
    mkdirSync(file, { recursive: true, mode: 0o700 })
    const refused = await runcomfy(login(server))
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`Error: ${file} is no file`) })
    expect(server.asked).toEqual([])

    const broken = home()
    broken.save('', undefined)
    const { code, stderr } = await broken.runcomfy(login(server))
    expect({ code, token: broken.saved().access_token }).toEqual({ code: 0, token: CANARY })
    expect(stderr).toContain(`Warning: ${broken.file} can't be read, and this login will replace it.`)
  })

  test('never replaces the login of another command, and says where this one can go', async () => {
    const server = await fakeLoginServer()
    const { runcomfy, save, saved, path, file } = home()
    save('rc_CANARY', undefined)
    expect(await runcomfy(login(server))).toMatchObject({
      code: 77,
      stdout: '',
      stderr: expect.stringMatching(`^Error: ${file} is another command's login.+ RUNCOMFY_CONFIG_DIR `),
    })
    for (const how of [[], ['--local']])
      expect(await runcomfy(['logout', ...how])).toMatchObject({ code: 77, stdout: '' })
    expect([server.asked, saved()]).toEqual([[], { access_token: 'rc_CANARY' }])

    const env = { RUNCOMFY_CONFIG_DIR: join(path, 'slipway') }
    expect((await runcomfy(login(server), { env })).code).toBe(0)
    expect(saved()).toEqual({ access_token: 'rc_CANARY' })
  })

  test('is kept from the moment that its token came, whatever happens to what is asked after it', async () => {
    const { runcomfy, saved } = home()
    const states: unknown[] = []
    const interrupt = new AbortController()
    const server = await fakeLoginServer({
      '/api/auth/me': () => {
        states.push(saved())
        interrupt.abort()
        return { cut: 'before' }
      },
    })
    expect((await runcomfy(login(server), { signal: interrupt.signal })).code).toBe(0)
    const kept = { access_token: CANARY, web_base: server.url, user_email: null }
    expect([...states, saved()]).toMatchObject([kept, kept])
  })
})

describe('logout', () => {
  test('revokes at the server, then forgets', async () => {
    const { runcomfy, save, saved } = home()
    const server = await fakeLoginServer({
      '/oauth/revoke': () => ({ body: {}, status: saved() ? 200 : 500 }),
    })
    save(OLD, server.url)
    expect(await runcomfy(['logout', '-vv'])).toMatchObject({
      code: 0,
      stdout: `Logged out of ${server.url}.\n`,
      stderr: expect.not.stringMatching(NO_SECRET),
    })
    expect(server.asked).toMatchObject([
      { path: '/oauth/revoke', body: `token=${OLD}&client_id=runcomfy`, method: 'POST' },
    ])
    expect(saved()).toBeUndefined()
    expect(await runcomfy(['logout'])).toMatchObject({ code: 0, stdout: 'Not logged in.\n', stderr: '' })
  })

  test('with --local asks nobody, and says that the token stays good', async () => {
    const { runcomfy, save, saved } = home()
    const server = await fakeLoginServer()
    save(OLD, server.url)
    const { code, stdout } = await runcomfy(['logout', '--local', '--output', 'json'])
    expect({ code, ...JSON.parse(stdout) }).toEqual({
      code: 0,
      status: 'logged_out',
      revoked: false,
      web_base: server.url,
    })
    expect([server.asked, saved()]).toEqual([[], undefined])
  })

  test.each([
    ['fails', { status: 500, body: { error: 'Something went wrong.' } }],
    ['is none of Slipway’s', { status: 404, body: '<html>' }],
    ['ends the connection', { cut: 'before' as const }],
    ['refuses', { status: 400, body: { error: 'invalid_client', error_description: 'No such client.' } }],
  ])('forgets all the same when the server %s, and says where to revoke', async (_how, answer) => {
    const { runcomfy, save, saved } = home()
    const server = await fakeLoginServer({ '/oauth/revoke': answer })
    save(OLD, server.url)
    const { code, stdout, stderr } = await runcomfy(['logout'])
    expect({ code, stdout, saved: saved() }).toEqual({
      code: 69,
      stdout: 'Logged out here.\n',
      saved: undefined,
    })
    expect(stderr).toMatch(
      /^Error: The token could not be revoked and stays good: .+ Revoke it at .+\/profile\n$/,
    )
  })

  test.each([
    [['logout'], 'rc_CANARY'],
    [['logout', '--local'], OLD],
  ])('on a Mac never deletes what RunComfy’s own command once saved: %j', async (argv, token) => {
    const { path } = home()
    const legacy = join(path, 'Library/Application Support/runcomfy/token.json')
    mkdirSync(dirname(legacy), { recursive: true })
    writeFileSync(legacy, JSON.stringify({ access_token: token }))
    const env = readEnvironment({} as NodeJS.ProcessEnv, { home: path, hostname: 'mac', platform: 'darwin' })
    const streams = { stdin: process.stdin, stdout: new PassThrough(), stderr: new PassThrough() }
    const { signal } = new AbortController()
    expect(await main({ argv, env, ...streams, signal, version: '1' })).toBe(77)
    expect(String(streams.stderr.read())).toContain(`${legacy} is another command's login`)
    expect(existsSync(legacy)).toBe(true)
  })

  test('has nothing to do with a token that a variable holds', async () => {
    const { runcomfy, save, saved } = home()
    save(OLD, 'https://slipway.test')
    const { code, stderr } = await runcomfy(['logout'], { env: { RUNCOMFY_TOKEN: CANARY } })
    expect({ code, isKept: saved() !== undefined }).toEqual({ code: 64, isKept: true })
    expect(stderr).toMatch(/^Error: RUNCOMFY_TOKEN can't be logged out here: unset it/)
  })
})
