import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { bundleProgram } from './bundle-program'

let folder: string | undefined
const bundles = new Map<string, Promise<string>>()

/**
 * Bundles a program that tests run as a process of its own, once.
 * @param entry path below the repository
 * @returns the file to give to node; it lies where it finds node_modules
 */
export function bundled(entry: string): Promise<string> {
  const known = bundles.get(entry)
  if (known) return known
  folder ??= mkdtempSync(join(inject('runFolder'), 'programs-'))
  const made = bundleProgram(entry, folder)
  bundles.set(entry, made)
  return made
}
