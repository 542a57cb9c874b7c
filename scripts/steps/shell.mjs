import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json: every command runs in it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** What went wrong and the cure, told to a person without a stack. */
export class Refusal extends Error {
  /** @override */
  name = 'Refusal'
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends the commands that `run` and `runFor` wait for. */
export function killRunning() {
  for (const child of running) child.kill()
}

process.stdout.on('error', () => {}) // whoever read our lines is gone; stopping in good order matters more

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`)
}

/**
 * Runs the main part of a command: a refusal ends it with its sentence and exit code 1.
 * @param {() => Promise<number | void>} main gives the exit code, 0 when it gives none
 */
export async function runCommand(main) {
  try {
    process.exit((await main()) ?? 0)
  } catch (error) {
    process.stderr.write(`${error instanceof Refusal ? error.message : /** @type {Error} */ (error).stack}\n`)
    process.exit(1)
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: show the output only when it fails
 * @throws Refusal when the command can't be run or fails
 */
export async function run(command, args, options = {}) {
  const { code, output } = await runFor(command, args, options)
  if (code === 0) return
  if (options.quiet) process.stderr.write(output)
  throw new Refusal(`\`${[command, ...args].join(' ')}\` failed (${code}).`)
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean, capture?: boolean }} [options]
 *   quiet: hold back all output; capture: hold back what it prints, but not its complaints
 * @returns {Promise<{ code: number | string, output: string }>} output is what was held back
 */
export function runFor(command, args, { env = process.env, quiet = false, capture = quiet } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env,
      stdio: ['ignore', capture ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    })
    running.add(child)
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.once('error', (error) => resolve({ code: error.message, output }))
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code: code ?? signal ?? 1, output })
    })
  })
}
