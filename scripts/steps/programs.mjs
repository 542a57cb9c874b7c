import { join } from 'node:path'
import { BUILD } from './build.mjs'
import { keepRunning } from './keep-running.mjs'
import { Refusal, runFor, say } from './shell.mjs'

const WEB = join('web', 'index.js')
const WORKER = join('worker', 'index.js')

/**
 * @typedef {object} Options
 * @property {NodeJS.ProcessEnv} env
 * @property {import('node:events').EventEmitter} [changes] development: a program starts again on its bundle's
 */

/** @param {Options} options */
export const startWeb = (options) => startProgram('web process', WEB, options)

/** @param {Options} options */
export const startWorker = (options) => startProgram('worker process', WORKER, options)

/**
 * @param {string} name
 * @param {string} bundle path below build/
 * @param {Options} options
 */
function startProgram(name, bundle, { env, changes }) {
  const program = keepRunning({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', join(BUILD, bundle)],
    env: { ...env, NODE_ENV: changes ? 'development' : 'production' },
    ipc: true,
  })
  changes?.on(bundle, () => program.restart())
  return program
}

/**
 * Ends the machines by a worker that does nothing else.
 * @param {NodeJS.ProcessEnv} env
 */
export async function endMachines(env) {
  const preload = new URL('interrupt-when-ready.mjs', import.meta.url).href
  const args = ['--enable-source-maps', `--import=${preload}`, join(BUILD, WORKER)]
  const { code } = await runFor(process.execPath, args, { env: { ...env, NODE_ENV: 'production' } })
  if (code !== 0) say(`Machines may have been left running (${code}): the next start finds them again.`)
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
