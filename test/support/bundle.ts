import { rmSync } from 'node:fs'
import { afterAll } from 'vitest'
import { bundleFolder, bundleProgram } from './bundle-program'

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
  const made = bundleProgram(entry, outFolder())
  bundles.set(entry, made)
  return made
}

function outFolder(): string {
  folder ??= bundleFolder()
  return folder
}
