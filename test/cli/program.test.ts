import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import type { Run } from '~/cli/command'
import { loadCommands } from '~/cli/commands'
import { EXIT } from '~/cli/exits'
import { openProgram } from '~/cli/program'
import { mainWith as mainHere } from './main-with'
import { COMMAND, runProgram } from './run-command'

const commands = await loadCommands([])
const noWork: () => Run = () => async () => undefined

/** What a program writes of its own accord. */
function recorded() {
  const written: string[] = []
  const say = (text: string) => void written.push(text)
  return { program: openProgram('1.2.3', commands, noWork, { out: say, error: say }), written }
}

/** Every command that does something, by the words that lead to it. */
function commandsOf(command: Command, before = ''): { path: string; command: Command }[] {
  return command.commands.flatMap((one) => {
    const path = `${before} ${one.name()}`.trim()
    return [{ path, command: one }, ...commandsOf(one, path)]
  })
}
const helpOf = async (path: string) => {
  const { program, written } = recorded()
  await expect(program.parseAsync([...path.split(' '), '--help'], { from: 'user' })).rejects.toMatchObject({
    exitCode: 0,
  })
  return written.join('')
}
const examplesIn = (help: string) => [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line)

/** The arguments of the first `runcomfy` in a line of shell, as a shell would split them. */
const argumentsIn = (line: string) =>
  [...(/\bruncomfy ([^|<>)]*)/.exec(line)?.[1] ?? '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  )

const runcomfy = (...args: string[]) =>
  runProgram(process.execPath, [COMMAND, ...args], { env: { HOME: '/nonexistent' }, stdin: '{}' })

/** The same in the test's own process. */
const mainWith = (...argv: string[]) => mainHere(argv)

it.each(commandsOf(recorded().program))(
  '$path has a description and examples that parse',
  async ({ path, command }) => {
    const help = await helpOf(path)
    expect(command.description()).toMatch(/^[A-Z].*\.$/)
    const examples = examplesIn(help)
    expect(examples.length).toBeGreaterThan(0)
    for (const line of examples) {
      const { program } = recorded()
      const fault = await program.parseAsync(argumentsIn(line), { from: 'user' }).then(
        () => undefined,
        (error) => error,
      )
      // Help ends with an error of its own, which is none.
      expect([line, fault?.exitCode === 0 ? undefined : fault]).toEqual([line, undefined])
    }
  },
)

it('the help lists every command under a heading, and every variable that it reads', async () => {
  const { stdout, code } = await runcomfy('--help')
  expect(code).toBe(0)
  for (const command of recorded().program.commands)
    expect(stdout).toMatch(new RegExp(`^  ${command.name()} `, 'm'))
  expect(stdout).not.toContain('\nCommands:')
  for (const [, name = ''] of readFileSync('cli/environment.ts', 'utf8').matchAll(/'(RUNCOMFY_\w+)'/g))
    expect(stdout).toContain(name)
  // No colours where there is no terminal.
  expect(stdout).not.toContain('\u001b')
})

it('help is printed alike for `help command` and `command --help`, at any depth', async () => {
  for (const path of ['run', 'models', 'models list', 'machines ls']) {
    const [asked, option] = await Promise.all([
      mainWith('help', ...path.split(' ')),
      mainWith(...path.split(' '), '--help'),
    ])
    expect(asked).toEqual(option)
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining(`Usage: runcomfy ${path}`) })
  }
})

it('what lists is called ls and list, what deletes rm and delete, in every group and in `help`', async () => {
  const others = new Map([
    ['ls', 'list'],
    ['list', 'ls'],
    ['rm', 'delete'],
  ])
  const found = commandsOf(recorded().program).filter(({ command }) => others.has(command.name()))
  expect(found).toHaveLength(8)
  for (const { path, command } of found) {
    const other = path.replace(/\w+$/, (name) => others.get(name) ?? '')
    expect(await mainWith('help', ...other.split(' '))).toEqual(await mainWith(...path.split(' '), '--help'))
    expect(command.aliases()).toHaveLength(1)
  }
})

it.each([
  ['admin', 'failed', '--limit'],
  ['machines', 'logs', 'Studio', '--lines'],
  ['machines', 'logs', 'Studio', '--attempt'],
  ['models', 'list', '--limit'],
  ['run', 'a/b', '--poll-secs'],
])('a number is whole and in digits alone: %s %s %s %s', async (...args) => {
  for (const given of ['0', '-1', '1e2', '0x10', '1.5', ' 1', 'many', '']) {
    const { code, stderr } = await mainWith(...args.filter(Boolean), given)
    expect([given, code, stderr]).toEqual([
      given,
      EXIT.arguments,
      expect.stringContaining('a whole number from 1 to'),
    ])
  }
})

it('without a command the help goes to stderr, as a fault', async () => {
  for (const args of [[], ['models']]) {
    const { code, stdout, stderr } = await mainWith(...args)
    expect([code, stdout]).toEqual([EXIT.arguments, ''])
    expect(stderr).toContain(`Usage: ${['runcomfy', ...args].join(' ')} `)
  }
})

it.each([
  [['--output', 'json', '-q', '--web-base', 'http://a.example', 'models', 'list']],
  [['models', '--output', 'json', '-q', '--web-base', 'http://a.example', 'list']],
  [['models', 'list', '--output=json', '-q', '--web-base=http://a.example']],
  [['models', 'list', '--limit', '5', '--web-base', 'http://a.example', '--quiet', '--output', 'json']],
])('global options are taken wherever they stand: %j', async (args) => {
  let seen: unknown
  const run = (options: unknown) => async () => {
    seen = options
  }
  await openProgram('1', commands, run, { out: () => undefined, error: () => undefined }).parseAsync(args, {
    from: 'user',
  })
  expect(seen).toMatchObject({ output: 'json', quiet: true, verbose: 0, webBase: 'http://a.example' })
})

it.each([
  [['-v', 'completion', 'bash'], 1],
  [['completion', '-vv', 'bash'], 2],
  [['completion', 'bash', '-v', '--verbose'], 2],
])('verbosity adds up: %j', async (args, verbose) => {
  let seen: { verbose?: number } = {}
  const run = (options: { verbose: number }) => async () => {
    seen = options
  }
  await openProgram('1', commands, run, { out: () => undefined, error: () => undefined }).parseAsync(args, {
    from: 'user',
  })
  expect(seen.verbose).toBe(verbose)
})

const FAULTS: [string[], string][] = [
  [['whomi'], 'There is no command whomi. Did you mean whoami?'],
  [['models', 'lsit'], 'There is no command lsit. Did you mean list?'],
  [['nonsense'], 'There is no command nonsense. See: runcomfy --help'],
  [['help', 'models', 'nonsense'], 'There is no command nonsense. See: runcomfy models --help'],
  [['models', 'list', '--serach', 'x'], 'There is no option --serach. Did you mean --search?'],
  [['whoami', '--nonsense'], 'There is no option --nonsense. See: runcomfy whoami --help'],
  [
    ['whoami', 'more'],
    'Too many arguments for whoami. Expected 0 arguments but got 1. See: runcomfy whoami --help',
  ],
  [['run'], 'Missing required argument model_id. See: runcomfy run --help'],
  [['run', 'a/b', '--input'], 'Option --input <json> argument missing. See: runcomfy run --help'],
  [
    ['run', 'a/b', '--input', '{}', '--input-file', 'x'],
    'Option --input <json> cannot be used with option --input-file <path>. See: runcomfy run --help',
  ],
  [
    ['run', 'a/b', '--poll-secs', '0'],
    '--poll-secs <seconds> does not take this value. It must be a whole number from 1 to 99999. See: runcomfy run --help',
  ],
  [
    ['completion', 'tcsh'],
    'Shell does not take this value. Allowed choices are bash, zsh, fish, powershell. See: runcomfy completion --help',
  ],
]
it.each(FAULTS)('%j is one sentence with the cure, in both modes', async (args, sentence) => {
  const [pretty, json] = await Promise.all([mainWith(...args), mainWith('--output', 'json', ...args)])
  expect(pretty).toEqual({ code: EXIT.arguments, stdout: '', stderr: `Error: ${sentence}\n` })
  expect(json).toEqual({
    code: EXIT.arguments,
    stdout: '',
    stderr: `${JSON.stringify({ error: sentence })}\n`,
  })
})

it('a fault of arguments repeats nothing that a token could be', async () => {
  const canary = 'hf_CANARYabcdefghijklmnop'
  const civitai = '0123456789abcdef0123456789abcdef'
  const words = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnop'
  for (const token of [canary, civitai, words, `it's${canary}`, `two\nlines' is invalid ${canary}`])
    for (const args of [
      [token],
      ['whoami', token],
      ['whoami', `--token=${token}`],
      ['whoami', `--${token}`],
      ['whoami', `-t${token}`],
      ['completion', token],
      ['help', token],
      ['--output', token, 'whoami'],
      ['models', 'list', '--limit', token],
      ['run', token],
      ['run', 'a/b', '--input', token],
    ]) {
      const { program, written } = recorded()
      const error = await program.parseAsync(args, { from: 'user' }).catch((reason) => reason)
      expect(String(error?.message)).not.toContain(token)
      expect(written).toEqual([])
    }
})

const OF_MODELS: [string[], number, string][] = [
  [['run', 'a/b'], EXIT.notAllowed, 'Not logged in.'],
  [['run', 'a/b', '--input', '{"a": 1}', '--no-wait', '--poll-secs', '2'], EXIT.notAllowed, 'Not logged in.'],
  [
    ['run', 'a/b', '--output-dir', '.', '--no-download', '--input-file', '-'],
    EXIT.notAllowed,
    'Not logged in.',
  ],
  [['run', 'plain'], EXIT.usage, 'slash'],
  [['run', 'a/b', '--input', '[1]'], EXIT.badInput, '--input must be a JSON object'],
  [['run', 'a/b', '--input', '{'], EXIT.badInput, '--input must be a JSON object'],
  [['run', 'a/b', '--input', 'null'], EXIT.badInput, '--input must be a JSON object'],
  [['run', 'a/b', '--input-file', 'package.json'], EXIT.notAllowed, 'Not logged in.'],
  [['run', 'a/b', '--input-file', 'README.md'], EXIT.badInput, '--input-file must be a JSON object'],
  [['run', 'a/b', '--input-file', '/nonexistent/x'], EXIT.noFile, '/nonexistent/x'],
  [['run', '../b'], EXIT.usage, 'letters'],
  [['run', 'a/b', '--idempotency-key', 'two words'], EXIT.usage, 'no blanks'],
  [['status', '../x'], EXIT.usage, 'request id'],
  [['status', 'r1'], EXIT.notAllowed, 'Not logged in.'],
  [['result', 'r1'], EXIT.notAllowed, 'Not logged in.'],
  [['cancel', 'r1'], EXIT.notAllowed, 'Not logged in.'],
  [['requests', 'get', 'r1'], EXIT.notAllowed, 'Not logged in.'],
  [['requests', 'result', 'r1'], EXIT.notAllowed, 'Not logged in.'],
  [['requests', 'cancel', 'r1'], EXIT.notAllowed, 'Not logged in.'],
  [
    ['models', 'list', '--kind', 'workflow', '--limit', '500', '--offset', '0'],
    EXIT.notAllowed,
    'Not logged in.',
  ],
  [['models', 'list', '--limit', '501'], EXIT.arguments, 'from 1 to 500'],
  [['models', 'list', '--kind', 'other'], EXIT.arguments, 'model, workflow, inference'],
  [['models', 'categories'], EXIT.notAllowed, 'Not logged in.'],
  [['models', 'get', 'a/b'], EXIT.notAllowed, 'Not logged in.'],
  [['models', 'get', 'plain'], EXIT.usage, 'slash'],
]
it.each(OF_MODELS)('%j ends with %i where there is no login', async (args, code, words) => {
  const ended = await mainWith(...args, '-vv')
  expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^Error: .*\n$/) })
  expect(ended.stderr).toContain(words)
})

it('as a process it ends with the same code and the same words', async () => {
  const ofFile = ['run', 'a/b', '--input-file', '-']
  expect(await runcomfy(...ofFile)).toEqual(await mainWith(...ofFile))
  expect(await runcomfy('whomi', '--output', 'json')).toEqual(await mainWith('whomi', '--output', 'json'))
  expect(await runcomfy()).toEqual(await mainWith())
})

it('says its name and the version of the checkout', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const said = { code: 0, stdout: `runcomfy ${version}\n`, stderr: '' }
  expect(await runcomfy('--version')).toEqual(said)
  expect(await runcomfy('-V')).toEqual(said)
})
