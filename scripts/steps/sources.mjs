import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from './shell.mjs'

/** Everything that a build may read, node_modules aside (package-lock.json stands for those). */
export const FOLDERS = [
  'app',
  'backup',
  'cli',
  'db',
  'filebrowser',
  'providers',
  'public',
  'scripts/steps',
  'telemetry',
  'worker',
  'workflows',
]
const ROOT_FILE = /^[\w.-]+\.(ts|json)$/

/**
 * @param {string} path relative to ROOT
 * @returns {Iterable<string>} absolute paths of the files in it, in a steady order
 */
function* filesIn(path) {
  const absolute = join(ROOT, path)
  const entries = readdirSync(absolute, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* filesIn(join(path, entry.name))
    else if (entry.isFile()) yield join(absolute, entry.name)
  }
}

/** @returns {string} changes whenever a build could come out differently */
export function hashSources() {
  const hash = createHash('sha256').update(process.version)
  const rootFiles = readdirSync(ROOT).filter((name) => ROOT_FILE.test(name))
  const files = [
    ...rootFiles.sort().map((name) => join(ROOT, name)),
    ...FOLDERS.flatMap((path) => [...filesIn(path)]),
  ]
  for (const file of files) {
    const content = readFileSync(file)
    hash.update(`${relative(ROOT, file)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * Whether the hash above covers it; packages are covered by the lock file.
 * @param {string} path relative to ROOT
 */
export function isSource(path) {
  return (
    path.startsWith('node_modules/') ||
    ROOT_FILE.test(path) ||
    FOLDERS.some((folder) => path.startsWith(`${folder}/`))
  )
}
