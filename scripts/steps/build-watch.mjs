import { BUNDLES, forgetBuild } from './build.mjs'
import { keepRunning } from './keep-running.mjs'
import { say } from './shell.mjs'

/**
 * Builds what development doesn't run from its sources (the programs of machines and the tools), and again
 * on each change, until this process ends.
 */
export async function watchBuild() {
  say('Building and watching …')
  // What is built from a change that is taken back later must not pass for a build of the old sources.
  forgetBuild(['node', 'files'])
  const { context } = await import('esbuild')
  for (const options of BUNDLES) {
    const bundles = await context(options)
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
}
