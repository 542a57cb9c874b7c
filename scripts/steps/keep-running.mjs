import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Refusal, ROOT, say } from './shell.mjs'

const LONGEST_PAUSE_MS = 30_000
const STEADY_AFTER_MS = 60_000

/** @type {Set<Kept>} */
const all = new Set()

/** Ends everything that is kept running, at once. */
export function killAll() {
  for (const kept of all) kept.kill()
}

/**
 * @typedef {object} Kept
 * @property {Promise<never>} failed rejects when the program ends by itself before it was trusted
 * @property {() => void} trust from now on an unexpected end is followed by a restart
 * @property {() => void} restart ends it in good order and starts it again, at once when it is down
 * @property {(signal: NodeJS.Signals) => Promise<boolean>} stop sends the signal and waits until it is gone:
 *   whether it was there and ended with code 0
 * @property {() => void} kill ends its whole process group at once
 */

/**
 * Runs a program in a process group of its own, out of reach of the terminal's Ctrl-C, and starts it again
 * after a growing pause whenever it ends by itself.
 * @param {{ name: string, command: string, args: string[], env?: NodeJS.ProcessEnv, ipc?: boolean, silent?: boolean }} program
 *   ipc: opens a channel whose end tells the program that we are gone
 * @returns {Kept}
 */
export function keepRunning({ name, command, args, env = process.env, ipc = false, silent = false }) {
  const output = silent ? 'ignore' : 'inherit'
  let pauseMs = 1000
  let trusted = false
  let stopping = false
  let replacing = false
  /** @type {NodeJS.Timeout | undefined} */
  let pause
  /** @type {(error: Error) => void} */
  let fail
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    fail = reject
  })
  failed.catch(() => {}) // whoever waits for readiness looks at it; nobody else has to
  let child = start()

  function start() {
    const startedAt = Date.now()
    const stdio = /** @type {import('node:child_process').StdioOptions} */ ([
      'ignore',
      output,
      output,
      ...(ipc ? ['ipc'] : []),
    ])
    const started = spawn(command, args, { cwd: ROOT, env, stdio, detached: true })
    let ended = false
    const onEnd = (/** @type {string} */ how) => {
      if (ended) return
      ended = true
      if (stopping) return
      if (replacing) {
        replacing = false
        child = start()
        return
      }
      if (!trusted) return fail(new Refusal(`The ${name} ended while starting (${how}).`))
      if (Date.now() - startedAt > STEADY_AFTER_MS) pauseMs = 1000
      say(`The ${name} ended unexpectedly (${how}): starting it again in ${pauseMs / 1000} s.`)
      pause = setTimeout(() => {
        child = start()
      }, pauseMs)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
    started.once('error', (error) => onEnd(error.message))
    started.once('exit', (code, signal) => onEnd(signal ?? `code ${code}`))
    return started
  }

  const isGone = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null

  /** @type {Kept} */
  const kept = {
    failed,
    trust() {
      trusted = true
    },
    restart() {
      if (stopping || replacing) return
      say(`The ${name} has changed: starting it again.`)
      clearTimeout(pause)
      pauseMs = 1000
      if (isGone()) {
        child = start()
        return
      }
      replacing = true
      child.kill('SIGTERM')
    },
    async stop(signal) {
      stopping = true
      clearTimeout(pause)
      if (isGone()) return false
      const gone = once(child, 'exit')
      child.kill(signal)
      const [code] = await gone
      return code === 0
    },
    kill() {
      stopping = true
      clearTimeout(pause)
      if (isGone()) return
      try {
        process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL')
      } catch {
        // gone by now
      }
    },
  }
  all.add(kept)
  return kept
}
