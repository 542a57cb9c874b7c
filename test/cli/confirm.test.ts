import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Cli } from '~/cli/cli'
import { confirm } from '~/cli/confirm'
import { openOutput } from '~/cli/output/output'

/** Somebody at a terminal. */
function terminal() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stderr = Object.assign(new PassThrough(), { isTTY: true })
  const options = { mode: 'pretty', quiet: false, verbosity: 0 } as const
  const output = openOutput(options, { stdout: new PassThrough(), stderr }, { noColor: false, isDumb: false })
  const interruption = new AbortController()
  const cli = { stdin, output, signal: interruption.signal } as unknown as Cli
  return { cli, stdin, stderr, interruption }
}

test.each(['y\n', 'YES\n'])('%j is a yes, and the question shows nothing but text', async (answer) => {
  const { cli, stdin, stderr } = terminal()
  const asked = confirm(cli, 'Delete \u001b[2JStudio?', false)
  stdin.write(answer)
  await asked
  expect(String(stderr.read())).toBe('Delete Studio? [y/N] ')
})

test.each(['\n', 'n\n', 'yesterday\n'])('%j is none', async (answer) => {
  const { cli, stdin } = terminal()
  const asked = confirm(cli, 'Delete Studio?', undefined)
  stdin.write(answer)
  await expect(asked).rejects.toMatchObject({ exit: 1, message: 'Nothing was done.' })
})

test('the end of the input is none', async () => {
  const { cli, stdin } = terminal()
  const asked = confirm(cli, 'Delete Studio?', undefined)
  stdin.end()
  await expect(asked).rejects.toMatchObject({ exit: 1, message: 'Nothing was done.' })
})

test('an interruption ends the question', async () => {
  const { cli, interruption } = terminal()
  const asked = confirm(cli, 'Delete Studio?', undefined)
  interruption.abort()
  await expect(asked).rejects.toThrow()
})

test('who has said yes before is not asked', async () => {
  const { cli, stderr } = terminal()
  await confirm(cli, 'Delete Studio?', true)
  expect(stderr.read()).toBeNull()
})
