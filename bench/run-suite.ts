import { writeFileSync } from 'node:fs'
import type { Figure, Suite } from './figures'

/** One suite in a process of its own, so that none meets what another left: `run-suite.ts <name> <file>`. */
const [name, file] = process.argv.slice(2) as [string, string]
const { default: suite } = (await import(`./${name}/index.ts`)) as { default: Suite }
const figures: Figure[] = []
await suite((figure) => void figures.push(figure))
writeFileSync(file, JSON.stringify(figures))
