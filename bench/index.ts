import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Figure, Result } from './figures'
import { keep } from './keep'
import { machine } from './machine'
import { textTable } from './table'

/** In this order; each in bench/<name>/index.ts. */
const SUITES = [
  'launch',
  'docker',
  'pages',
  'scale',
  'download',
  'proxy',
  'cli',
  'start',
  'weight',
  'model-api',
  'keys',
]
const OUTPUT = 'build/bench.json'

/**
 * Runs all suites, or those that are named, prints their figures and leaves them in build/bench.json.
 *
 *   npm run bench [suite …] [-- --keep]
 *
 * `--keep` also puts them into docs/performance.md and docs/performance.json, for a run of all on a quiet machine.
 * Needs a build, redis-server, and what each suite says it needs; one that can't run is named and the rest goes on.
 */
const asked = process.argv.slice(2).filter((word) => word !== '--keep')
const unknown = asked.filter((name) => !SUITES.includes(name))
if (unknown.length) {
  console.error(`No such suite: ${unknown.join(', ')}. There are ${SUITES.join(', ')}.`)
  process.exit(1)
}

const results: Result[] = []
for (const suite of asked.length ? asked : SUITES) {
  console.log(`\n${suite} …`)
  results.push(await run(suite))
  // After each, so that a run that is interrupted leaves what it has.
  mkdirSync('build', { recursive: true })
  writeFileSync(OUTPUT, `${JSON.stringify({ machine: machine(), results }, null, 2)}\n`)
}
console.log(`\n${textTable(results.flatMap(({ figures }) => figures))}\n\nThe figures are in ${OUTPUT}.`)
if (process.argv.includes('--keep')) keep({ machine: machine(), results })
const failed = results.filter(({ failed }) => failed)
for (const { suite, failed: why } of failed) console.error(`${suite} did not run: ${why}`)
process.exit(failed.length ? 1 : 0)

async function run(suite: string): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const file = join(folder, 'figures.json')
  try {
    const child = spawn(process.execPath, ['--import', 'tsx', 'bench/run-suite.ts', suite, file], {
      stdio: 'inherit',
    })
    const [code] = await once(child, 'close')
    if (!existsSync(file)) return { suite, figures: [], failed: `it ended with ${code}` }
    return { suite, figures: JSON.parse(readFileSync(file, 'utf8')) as Figure[] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
