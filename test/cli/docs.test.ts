import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { loadCommands } from '~/cli/commands'
import { EXIT } from '~/cli/exits'
import { openProgram } from '~/cli/program'

const DOC = readFileSync('docs/cli.md', 'utf8')
const TABLE = /(?<=<!-- commands -->\n)[\s\S]*(?=<!-- \/commands -->)/

const program = openProgram('1', await loadCommands([]), () => async () => undefined, {
  out: () => undefined,
  error: () => undefined,
})

/** A command's row in the table, or those of the commands below it. */
function rowsOf(command: Command, before = ''): [string, string][] {
  const path = `${before} ${command.name()}`.trim()
  if (command.commands.length > 0) return command.commands.flatMap((one) => rowsOf(one, path))
  const placeholders = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [[`\`runcomfy ${[path, ...placeholders].join(' ')}\``, command.description()]]
}

/** As the formatter lays a table out. */
function tableOf(rows: [string, string][]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  const [head = [], ...others] = rows
  return [line(head), line(['', ''], '-'), ...others.map((row) => line(row))].join('\n')
}

// `npx vitest run test/cli/docs.test.ts -u` writes the table anew.
it('docs/cli.md lists the commands that there are, as their help describes them', async () => {
  const rows = program.commands.flatMap((command) => rowsOf(command))
  const table = tableOf([['command', 'what it does'], ...rows])
  await expect(DOC.replace(TABLE, () => `\n${table}\n\n`)).toMatchFileSnapshot('../../docs/cli.md')
})

it('docs/cli.md lists the exit codes that there are', () => {
  const documented = [...DOC.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code))
  expect(documented).toEqual(Object.values(EXIT).sort((a, b) => a - b))
})

it('docs/cli.md lists the variables of ours that the command reads', () => {
  const read = readFileSync('cli/environment.ts', 'utf8').matchAll(/'(RUNCOMFY_\w+)'/g)
  for (const [, name] of read) expect(DOC).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, 'm'))
})
