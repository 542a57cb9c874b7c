import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER } from './build.mjs'
import { licencesOf } from './licences.mjs'
import { ROOT } from './shell.mjs'

/** What Slipway reads when it runs, beside its programs: path in the image → path here. */
const FILES = {
  'package.json': 'package.json',
  'build/cli': 'build/cli',
  'build/filebrowser': 'build/filebrowser',
  'build/remix/client': 'build/remix/client',
  config: 'config',
  'db/migrations': 'db/migrations',
  'slipway.mjs': 'deploy/docker/slipway.mjs',
  'user.mjs': 'deploy/docker/user.mjs',
  'healthy.mjs': 'deploy/docker/healthy.mjs',
  // What is compiled, and what finds it.
  ...sameHere('node_modules/better-sqlite3/build/Release/better_sqlite3.node'),
  ...sameHere('node_modules/better-sqlite3/lib'),
  ...sameHere('node_modules/better-sqlite3/package.json'),
  ...sameHere('node_modules/better-sqlite3/LICENSE'),
  ...sameHere('node_modules/bindings'),
  ...sameHere('node_modules/file-uri-to-path'),
}

/**
 * Copies what Slipway needs where it is only run, not built. Slipway has to be built.
 * @param {string} target a folder, made where there is none
 */
export async function gather(target) {
  mkdirSync(target, { recursive: true })
  const { build } = await import('esbuild')
  const { metafile } = await build({ ...SERVER, outdir: join(target, 'build'), metafile: true })
  writeFileSync(join(target, 'THIRD-PARTY-LICENCES.txt'), licencesOf(Object.keys(metafile.inputs)))
  for (const [destination, source] of Object.entries(FILES))
    cpSync(join(ROOT, source), join(target, destination), { recursive: true, filter: isRead })
  // The image's user is another than who made the files, perhaps for themselves alone.
  execFileSync('chmod', ['-R', 'a+rX', target])
}

/**
 * The file manager and the browser's command run without source maps.
 * @param {string} file
 */
const isRead = (file) => !file.endsWith('.map')

/** @param {string} path */
function sameHere(path) {
  return { [path]: path }
}
