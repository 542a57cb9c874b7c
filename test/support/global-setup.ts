import { rmSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { bundleFolder } from './bundle-program'

/** A folder for what tests make once for all files of a run; it goes with the run. */
export default function setup(project: TestProject) {
  const folder = bundleFolder()
  project.provide('runFolder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

declare module 'vitest' {
  interface ProvidedContext {
    runFolder: string
  }
}
