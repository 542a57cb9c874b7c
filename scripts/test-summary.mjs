import { readFileSync } from 'node:fs'

/** A report of Vitest's JSON reporter, of which a missing one means that the tests never ran. */
const [file = ''] = process.argv.slice(2)

/** @type {{ assertionResults: { status: string }[], status: string }[]} */
let files = [{ assertionResults: [], status: 'failed' }]
try {
  files = JSON.parse(readFileSync(file, 'utf8')).testResults
} catch (error) {
  process.stderr.write(`There is no test report: ${/** @type {Error} */ (error).message}\n`)
}

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const { assertionResults, status } of files) {
  const outcomes = assertionResults.map((test) => test.status)
  for (const outcome of outcomes)
    counts[outcome === 'passed' || outcome === 'failed' ? outcome : 'skipped'] += 1
  // A file that can't be loaded has no tests to fail.
  if (status === 'failed' && !outcomes.includes('failed')) counts.failed += 1
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
