import { readFileSync, writeFileSync } from 'node:fs'
import type { Result } from './figures'
import type { machine } from './machine'
import { markdownTable } from './table'

const PAGE = 'docs/performance.md'
const BETWEEN = /(?<=<!-- figures -->\n)[\s\S]*(?=<!-- end of figures -->)/

/** Puts the figures of a run into the documentation, as a table and as JSON. */
export function keep(run: { machine: ReturnType<typeof machine>; results: Result[] }): void {
  const { at, commit, processors, memoryGiB, kernel, node, load } = run.machine
  const where = `Measured ${at.slice(0, 10)} at ${commit}, on ${processors}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, load ${load[0]} at the end.`
  const table = markdownTable(run.results.flatMap(({ figures }) => figures))
  writeFileSync('docs/performance.json', `${JSON.stringify(run, null, 2)}\n`)
  writeFileSync(
    PAGE,
    readFileSync(PAGE, 'utf8').replace(BETWEEN, () => `\n${where}\n\n${table}\n\n`),
  )
}
