import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bundleFolder, bundleProgram } from '../support/bundle-program'
import { chaos } from './chaos'

/** `npm run chaos -- [--seed N] [--launches 80] [--runtime docker|process]` */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    launches: { type: 'string', default: '80' },
    runtime: { type: 'string', default: 'process' },
  },
})
const seed = Number(values.seed)
const launches = Number(values.launches)
const runtime = values.runtime === 'docker' ? 'docker' : 'process'
console.log({ seed, launches, runtime })
const folder = bundleFolder()
const bundle = (entry: string) => bundleProgram(entry, folder)
try {
  const { flaws, ...report } = await chaos({ seed, launches, runtime, bundle })
  console.log(report)
  console.log(flaws.length ? flaws : 'All is well.')
  process.exitCode = flaws.length ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
