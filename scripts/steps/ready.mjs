import { setTimeout as pause } from 'node:timers/promises'
import { Refusal, say } from './shell.mjs'

const SAY_AFTER_MS = 60_000
const GIVE_UP_AFTER_MS = 180_000

/**
 * Waits until the web process says that all it needs is there.
 * @param {string} localUrl
 * @param {AbortSignal} signal ends the wait
 * @throws Refusal after three minutes, with what is missing
 */
export async function waitUntilReady(localUrl, signal) {
  const began = Date.now()
  let said = false
  for (;;) {
    const { ready, answer } = await ask(`${localUrl}/readyz`)
    if (ready) return
    const waited = Date.now() - began
    if (waited > GIVE_UP_AFTER_MS) throw new Refusal(`Slipway isn't ready after three minutes: ${answer}`)
    if (waited > SAY_AFTER_MS && !said) {
      say(`Slipway isn't ready yet: ${answer}. Waiting …`)
      said = true
    }
    await pause(100, undefined, { signal })
  }
}

/** @param {string} url */
async function ask(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    return { ready: response.status === 200, answer: `${response.status} ${await response.text()}` }
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error)
    return { ready: false, answer: cause instanceof Error ? cause.message : message }
  }
}
