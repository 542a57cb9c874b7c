import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

/** What a program reads in before it does anything: its own files, and the packages that it has to find. */
function readAtStart(program: string) {
  const files = new Map<string, string>()
  const packages = new Set<string>()
  const wanted = [join('build', program)]
  for (const file of wanted) {
    if (files.has(file)) continue
    const code = readFileSync(file, 'utf8')
    files.set(file, code)
    for (const [, from = ''] of code.matchAll(/^(?:import|export)\b[^;'"`]*"([^"]+)";$/gm)) {
      if (from.startsWith('.')) wanted.push(join(dirname(file), from))
      else if (!isBuiltin(from)) packages.add(from)
    }
  }
  return { packages: [...packages], code: [...files.values()].join('\n') }
}

it.each(['worker/index.js', 'tools/migrate.js'])(
  '%s starts with its packages in it, all but what is compiled',
  (program) => {
    const { packages, code } = readAtStart(program)
    expect(code).toContain('// node_modules/')
    expect(packages.filter((name) => name !== 'better-sqlite3')).toEqual([])
  },
)

it('the worker reads in no client of a runtime that it was not told to use', () => {
  const { code } = readAtStart('worker/index.js')
  expect(code).toContain('// node_modules/bullmq/')
  expect(code).not.toMatch(/^\s*\/\/ node_modules\/(dockerode|@kubernetes)\//m)
})
