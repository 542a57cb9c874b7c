import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { fakeLoginServer } from './fake-login-server'
import { COMMAND, runCommand } from './run-command'

const run = promisify(execFile)
const TOKEN = 'slipway_cli_CANARY0123456789abcdefghijklmnopqrst'

/** The command with a token, in a process whose fetch is this. */
function withFetch(url: string, fetch: string, ...args: string[]) {
  const preload = `data:text/javascript,${encodeURIComponent(`globalThis.fetch = ${fetch}`)}`
  const env = { RUNCOMFY_WEB_BASE: url, RUNCOMFY_TOKEN: TOKEN, NODE_OPTIONS: `--import=${preload}` }
  return runCommand(['whoami', ...args], { env })
}

const THROWN = `new RangeError('CANARY: hf_CANARY0123456 and ${TOKEN}'.slice(8))`
test.each([
  ['by a command', `async () => { throw ${THROWN} }`],
  ['outside of every command', `() => new Promise(() => setImmediate(() => { throw ${THROWN} }))`],
  ['as a promise that nobody keeps', `() => new Promise(() => void Promise.reject(${THROWN}))`],
])(
  'what nobody foresaw, thrown %s, is one sentence without a token; its place with -vv',
  async (_where, fetch) => {
    const short = await withFetch('https://slipway.test', fetch)
    expect(short).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'Error: This command failed in a way that nobody foresaw (RangeError: hf_CAN… and [secret]). Run it with -vv to see where.\n',
    })
    const long = await withFetch('https://slipway.test', fetch, '-vv', '--output', 'json')
    expect(long.code).toBe(1)
    expect(long.stderr).toMatch(/\n {4}at /)
    expect(long.stderr).not.toContain('CANARY0')
  },
)

test('ends quietly when nobody reads its output any more', async () => {
  const { stdout, stderr } = await run('bash', [
    '-c',
    `${process.execPath} ${COMMAND} --help | true; echo \${PIPESTATUS[0]}`,
  ])
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' })
})

test.each([
  ['--token=CANARY0123'],
  ['CANARY0123'],
  ['--output', 'CANARY0123'],
  ['--name', 'CANARY0123', 'x'],
])('arguments that can’t be read are not repeated: %s %s', async (...args) => {
  const { code, stdout, stderr } = await runCommand(['whoami', ...args.filter(Boolean)])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^Error: .+\n$/)
  expect(stderr).not.toContain('CANARY')
})

test('faults of arguments are one line of JSON in json mode', async () => {
  for (const args of [
    ['--output', 'json', '--toke'],
    ['--toke', '--output=json'],
  ]) {
    const { code, stderr } = await runCommand(['whoami', ...args])
    expect({ code, fields: Object.keys(JSON.parse(stderr)) }).toEqual({ code: 2, fields: ['error'] })
  }
})

test.each([
  ['a terminal that is asked for no colours', { TERM: 'xterm-256color', NO_COLOR: '1' }],
  ['a dumb terminal', { TERM: 'dumb' }],
])('no escape sequence is written to %s', async (_what, env) => {
  const { url } = await fakeLoginServer()
  const variables = { ...env, PATH: process.env.PATH, RUNCOMFY_WEB_BASE: url, RUNCOMFY_TOKEN: TOKEN }
  const command = `${process.execPath} ${COMMAND} whoami -vv`
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], { env: variables as never })
  expect(stdout).toContain('ana@example.org')
  expect(stdout).not.toContain('\u001b')
})
