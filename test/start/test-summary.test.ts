import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-summary-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** @param files outcomes of the tests in each file; a file without any could not be loaded */
function summarize(files: string[][]) {
  const report = join(folder, 'report.json')
  const testResults = files.map((outcomes) => ({
    status: outcomes.includes('failed') || outcomes.length === 0 ? 'failed' : 'passed',
    assertionResults: outcomes.map((status) => ({ status })),
  }))
  writeFileSync(report, JSON.stringify({ testResults }))
  return run(report)
}

function run(report: string) {
  const { stdout, status } = spawnSync(process.execPath, ['scripts/test-summary.mjs', report], {
    encoding: 'utf8',
  })
  return { line: stdout.trim(), status }
}

it('counts what passed, failed and was skipped', () => {
  const counted = summarize([
    ['passed', 'passed'],
    ['failed', 'pending', 'todo', 'passed'],
  ])
  expect(counted).toEqual({ line: '3 passed, 1 failed, 2 skipped', status: 1 })
})

it('succeeds when nothing failed', () => {
  expect(summarize([['passed'], ['passed', 'skipped']])).toEqual({
    line: '2 passed, 0 failed, 1 skipped',
    status: 0,
  })
})

it('counts a file that cannot be loaded as a failure', () => {
  expect(summarize([['passed'], []])).toEqual({ line: '1 passed, 1 failed, 0 skipped', status: 1 })
})

it('counts tests that never ran as a failure', () => {
  expect(run(join(folder, 'nothing.json'))).toEqual({ line: '0 passed, 1 failed, 0 skipped', status: 1 })
})
