import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { BUILD, BUNDLES, forgetBuild } from './build.mjs'
import { keepRunning } from './keep-running.mjs'
import { ROOT, say } from './shell.mjs'

/**
 * Builds all but the pages of the web side, which development takes from their sources, and again on each
 * change, until this process ends.
 * @returns {Promise<EventEmitter>} emits a bundle's path below build/ when its code has changed
 */
export async function watchBuild() {
  say('Building and watching …')
  // What is built from a change that is taken back later must not pass for a build of the old sources.
  forgetBuild(['node', 'files'])
  const { context } = await import('esbuild')
  const changes = new EventEmitter()
  for (const options of BUNDLES) {
    const bundles = await context({
      ...options,
      metafile: true,
      plugins: [...(options.plugins ?? []), announce(changes)],
    })
    await bundles.rebuild()
    await bundles.watch()
  }
  const args = ['node_modules/vite/bin/vite.js', 'build', '--watch', '-c', 'filebrowser/vite.config.ts']
  const page = keepRunning({
    name: 'page build',
    command: process.execPath,
    args: [...args, '--logLevel', 'warn'],
  })
  page.trust()
  return changes
}

/**
 * @param {EventEmitter} changes
 * @returns {import('esbuild').Plugin}
 */
function announce(changes) {
  /** @type {Map<string, string>} */
  const known = new Map()
  return {
    name: 'announce',
    setup(build) {
      build.onEnd(({ metafile }) => {
        const files = Object.keys(metafile?.outputs ?? {}).map((path) => join(ROOT, path))
        for (const file of files.filter((path) => path.endsWith('.js'))) {
          const code = readFileSync(file, 'utf8')
          if (known.has(file) && known.get(file) !== code) changes.emit(relative(BUILD, file))
          known.set(file, code)
        }
      })
    },
  }
}
