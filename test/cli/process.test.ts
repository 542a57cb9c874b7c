import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { COMMAND, runCommand } from './run-command'

const run = promisify(execFile)
const TOKEN = 'slipway_cli_CANARY0123456789abcdefghijklmnopqrst'

/** The command with a token, in a process whose requests by https do this. */
function withRequest(url: string, request: string, ...args: string[]) {
  const preload = `data:text/javascript,${encodeURIComponent(`import https from 'node:https'; import { syncBuiltinESMExports } from 'node:module'
const SILENT = { on() {}, once() {}, setTimeout() {}, end() {} }
https.request = ${request}; syncBuiltinESMExports()`)}`
  const env = { RUNCOMFY_WEB_BASE: url, RUNCOMFY_TOKEN: TOKEN, NODE_OPTIONS: `--import=${preload}` }
  return runCommand(['whoami', ...args], { env })
}

const THROWN = `new RangeError('CANARY: hf_CANARY0123456 and ${TOKEN}'.slice(8))`
test.each([
  ['by a command', `() => { throw ${THROWN} }`],
  ['outside of every command', `() => (setImmediate(() => { throw ${THROWN} }), SILENT)`],
  ['as a promise that nobody keeps', `() => (Promise.reject(${THROWN}), SILENT)`],
])(
  'what nobody foresaw, thrown %s, is one sentence without a token; its place with -vv',
  async (_where, request) => {
    const short = await withRequest('https://slipway.test', request)
    expect(short).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'Error: This command failed in a way that nobody foresaw (RangeError: hf_CAN… and [secret]). Run it with -vv to see where.\n',
    })
    const long = await withRequest('https://slipway.test', request, '-vv', '--output', 'json')
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

test('Ctrl-C ends it also while it reads what never ends', async () => {
  const child = spawn(process.execPath, [COMMAND, 'run', 'a/b', '--input-file', '-'])
  onTestFinished(() => void child.kill('SIGKILL'))
  // More than fits on the way, so that it is being read.
  await new Promise((resolve) => child.stdin.write(' '.repeat(1_000_000), resolve))
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([130, null])
})

test('fails when nothing is left to wait for before it has ended', async () => {
  const silent = `import { Readable } from 'node:stream'
    Object.defineProperty(process, 'stdin', { value: new Readable({ read() {} }) })`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(silent)}` }
  expect((await runCommand(['run', 'a/b', '--input-file', '-'], { env })).code).toBe(1)
})
