import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './shell.mjs'

/** Everything that a build may read, node_modules aside (package-lock.json stands for those). */
const SOURCES = [
  'app',
  'db',
  'filebrowser',
  'providers',
  'worker',
  'scripts/steps/build.mjs',
  'env.ts',
  'errors.ts',
  'vite.config.ts',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
]

/**
 * @param {string} path relative to ROOT
 * @returns {Iterable<string>} absolute paths of the files in it, in a steady order
 */
function* filesIn(path) {
  const absolute = join(ROOT, path)
  let entries
  try {
    entries = readdirSync(absolute, { withFileTypes: true })
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') yield absolute
    return
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* filesIn(join(path, entry.name))
    else if (entry.isFile()) yield join(absolute, entry.name)
  }
}

/** @returns {string} changes whenever a build could come out differently */
export function hashSources() {
  const hash = createHash('sha256').update(process.version)
  for (const source of SOURCES) {
    for (const file of filesIn(source)) {
      const content = readFileSync(file)
      hash.update(`${relative(ROOT, file)}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

/** @param {string} path relative to ROOT */
export function isSource(path) {
  return SOURCES.some((source) => path === source || path.startsWith(`${source}/`))
}
