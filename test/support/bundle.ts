import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

const root = process.cwd()
let folder: string | undefined
const bundles = new Map<string, Promise<string>>()
afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/**
 * Bundles a program that tests run as a process of its own, once per test file.
 * @param entry path below the repository
 * @returns the file to give to node; it lies where it finds node_modules
 */
export function bundled(entry: string): Promise<string> {
  const known = bundles.get(entry)
  if (known) return known
  const made = bundle(entry)
  bundles.set(entry, made)
  return made
}

async function bundle(entry: string): Promise<string> {
  const outfile = join(outFolder(), entry.replace(/\.ts$/, '.js'))
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
  return outfile
}

function outFolder(): string {
  if (folder) return folder
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(join(cache, 'slipway-test-'))
  folder = made
  return made
}
