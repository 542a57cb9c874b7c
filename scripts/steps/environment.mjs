import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { ROOT } from './shell.mjs'

/**
 * Adds what a file says to the environment, which wins where both name a setting, and the names of what it
 * added, for the page that shows where settings come from.
 */
export function loadDotEnv(file = join(ROOT, '.env')) {
  const names = existsSync(file) ? Object.keys(parseEnv(readFileSync(file, 'utf8'))) : []
  const added = names.filter((name) => process.env[name] === undefined)
  if (existsSync(file)) process.loadEnvFile(file)
  process.env.SLIPWAY_SETTINGS_FROM = added.map((name) => `${name}:.env`).join()
}

/**
 * The few settings that the launcher itself needs. A faulty one is passed on unjudged: the programs that
 * it starts check them all and list every fault at once.
 * @param {Record<string, string | undefined>} env
 */
export function readSettings(env) {
  const text = (/** @type {string} */ name) => env[name]?.trim() || undefined
  const port = Number(text('PORT') ?? 3000)
  const host = text('HOST') ?? '127.0.0.1'
  const publicUrl = text('PUBLIC_URL')
  return {
    port,
    host,
    /** Where the web process answers on this machine, whatever address it listens on. */
    localUrl: `http://${{ '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`,
    publicUrl: publicUrl && URL.canParse(publicUrl) ? new URL(publicUrl).origin : `http://localhost:${port}`,
    dataDir: resolve(ROOT, text('DATA_DIR') ?? 'data'),
    redisUrl: text('REDIS_URL'),
  }
}

/** @param {string} dataDir */
export function makeDataDir(dataDir) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
}
