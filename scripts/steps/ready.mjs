import { setTimeout as pause } from 'node:timers/promises'
import { Refusal, say } from './shell.mjs'

const SAY_AFTER_MS = 60_000
const GIVE_UP_AFTER_MS = 180_000

/**
 * Waits until the web process says that all it needs is there.
 * @param {string} localUrl
 * @param {{ optional: string[], signal: AbortSignal }} options
 *   optional: what may be missing, as /readyz names it; signal: ends the wait
 * @returns {Promise<string[]>} what is missing all the same
 * @throws Refusal after three minutes, with what is missing
 */
export async function waitUntilReady(localUrl, { optional, signal }) {
  const began = Date.now()
  let said = false
  for (;;) {
    const { missing, answer } = await ask(`${localUrl}/readyz`)
    if (missing?.every((name) => optional.includes(name))) return missing
    const waited = Date.now() - began
    if (waited > GIVE_UP_AFTER_MS) throw new Refusal(`Slipway isn't ready after three minutes: ${answer}`)
    if (waited > SAY_AFTER_MS && !said) {
      say(`Slipway isn't ready yet: ${answer}. Waiting …`)
      said = true
    }
    await pause(100, undefined, { signal })
  }
}

/**
 * @param {string} url
 * @returns {Promise<{ missing?: string[], answer: string }>} no missing: it isn't known
 */
async function ask(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    const answer = `${response.status} ${await response.text()}`
    if (response.status !== 200 && response.status !== 503) return { answer }
    return { missing: JSON.parse(answer.slice(4)).missing, answer }
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error)
    return { answer: cause instanceof Error ? cause.message : message }
  }
}
