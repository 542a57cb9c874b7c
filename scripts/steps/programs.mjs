import { join } from 'node:path'
import { BUILD } from './build.mjs'
import { keepRunning } from './keep-running.mjs'
import { Refusal, runFor, say } from './shell.mjs'

const TSX = 'node_modules/tsx/dist/cli.mjs'

/** @typedef {{ dev: boolean, env: NodeJS.ProcessEnv }} Options dev: run the sources and reload on change */

/** @param {Options} options */
export const startWeb = (options) =>
  startProgram('web process', 'app/server/index.ts', join(BUILD, 'web', 'index.js'), options)

/** @param {Options} options */
export const startWorker = (options) =>
  startProgram('worker process', 'worker/index.ts', join(BUILD, 'worker', 'index.js'), options)

/**
 * @param {string} name
 * @param {string} source
 * @param {string} bundle
 * @param {Options} options
 */
function startProgram(name, source, bundle, { dev, env }) {
  return keepRunning({
    name,
    command: process.execPath,
    args: dev ? [TSX, 'watch', '--clear-screen=false', source] : ['--enable-source-maps', bundle],
    env: { ...env, NODE_ENV: dev ? 'development' : 'production' },
    ipc: true,
  })
}

/**
 * Checks the settings, and brings database and keys up to date.
 * @param {NodeJS.ProcessEnv} env
 * @throws Refusal when the tool has named a fault
 */
export async function migrate(env) {
  const tool = join(BUILD, 'tools', 'migrate.js')
  const { code } = await runFor(process.execPath, ['--enable-source-maps', tool], { env })
  if (code !== 0) throw new Refusal('Slipway did not start, for the reason above.')
}

/**
 * Prints the link that makes the first user administrator, as long as nobody has used one.
 * @param {NodeJS.ProcessEnv} env
 */
export async function printSignInLink(env) {
  const tool = join(BUILD, 'tools', 'sign-in-link.js')
  const { code, output } = await runFor(process.execPath, [tool, '--if-nobody-signed-in'], {
    env,
    capture: true,
  })
  if (code === 'SIGTERM') return // Slipway is being stopped
  if (code !== 0) say(`There is no sign-in link (${code}). Once the fault is mended: npm run sign-in-link`)
  else if (output.trim() !== '') say(`Sign in: ${output.trim()}`)
}
