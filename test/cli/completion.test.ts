import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temp-folder'
import { runProgram } from './run-command'

const script = async (shell: string) => {
  const { code, stdout, stderr } = await runProgram(
    process.execPath,
    ['build/cli/runcomfy.mjs', 'completion', shell],
    { env: { HOME: '/nonexistent' } },
  )
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

let bash: string
beforeAll(async () => {
  bash = await script('bash')
})

/** What a real bash offers for the last of these words, split as readline splits a line. */
async function offered(...words: string[]): Promise<string[]> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  writeFileSync(join(folder.path, 'completion'), bash)
  const { stdout, stderr } = await runProgram('bash', [
    '--norc',
    '-c',
    `source "$0"
complete -p runcomfy >&2
COMP_WORDS=(runcomfy "$@") COMP_CWORD=$#
_runcomfy
printf '%s\\n' "\${COMPREPLY[@]}"`,
    join(folder.path, 'completion'),
    ...words,
  ])
  expect(stderr).toBe('complete -o default -F _runcomfy runcomfy\n')
  return stdout.split('\n').filter(Boolean)
}

it.each([
  [['who'], ['whoami']],
  [
    ['models', ''],
    ['list', 'categories', 'get', 'read', 'publish', 'versions', 'use', 'withdraw', 'username'],
  ],
  [['models', 'c'], ['categories']],
  [
    ['models', 'publish', 'a/b', '--visibility', ''],
    ['private', 'everyone'],
  ],
  [['models', 'list', '--li'], ['--limit']],
  [
    ['models', 'list', '--kind', ''],
    ['model', 'workflow', 'inference'],
  ],
  [['models', 'list', '--kind', '=', 'wo'], ['workflow']],
  [
    ['models', 'list', '--kind', '='],
    ['model', 'workflow', 'inference'],
  ],
  [
    ['--output', ''],
    ['pretty', 'json'],
  ],
  [['--output', 'json', 'mod'], ['models']],
  [['models', '--output', 'json', 'ca'], ['categories']],
  [['models', 'list', '--output', 'j'], ['json']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', 'powershell'],
  ],
  [['run', 'a/b', '--input-file', ''], []],
])('bash completes %j', async (words, offers) => {
  const given = await offered(...words)
  const plain = words.at(-1)?.startsWith('-') ? given : given.filter((word) => !word.startsWith('-'))
  expect(plain).toEqual(offers)
})

it('every script is of its shell, and has every command, option and choice', async () => {
  const scripts = await Promise.all(['bash', 'zsh', 'fish', 'powershell'].map(script))
  const opening = [
    /^complete .* runcomfy$/m,
    /^#compdef runcomfy\n/,
    /^complete -c runcomfy /m,
    /^Register-Arg/m,
  ]
  for (const [index, text] of scripts.entries()) {
    expect(text).toMatch(opening[index] ?? /never/)
    for (const word of ['whoami', 'models list', 'categories', 'include-schema', 'workflow', 'web-base'])
      expect(text).toContain(word)
    // Quotes of descriptions would end the script's own.
    expect((text.match(/(?<!\\)'/g) ?? []).length % 2).toBe(0)
  }
})
