import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { keepRunning } from './keep-running.mjs'
import { askRedis } from './redis-client.mjs'
import { Refusal, say } from './shell.mjs'

const START_TIMEOUT_MS = 60_000

/**
 * A Unix socket's path holds about 100 bytes, and in a URL only plain characters pass every client.
 * @param {string} folder where the socket should be
 * @returns {string} a path in it, or in a private folder of its own below the system's temporary one
 */
export function socketPath(folder) {
  const plain = join(folder, 'redis.sock')
  if (/^[\w./-]{1,100}$/.test(plain)) return plain
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const short = join(tmpdir(), `slipway-${hash}`)
  makePrivateFolder(short)
  return join(short, 'redis.sock')
}

/**
 * The folder is the server's only lock: whoever may enter it needs no password.
 * @param {string} folder
 */
export function makePrivateFolder(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Refusal(`${folder} is not a folder of this user. Remove it, or set REDIS_URL.`)
  }
  chmodSync(folder, 0o700)
}

/**
 * Starts a server on a socket alone and waits until it answers.
 * @param {{ command: string, folder: string, socket: string }} where folder: keeps its data and its log
 */
export async function startServer({ command, folder, socket }) {
  const url = `unix://${socket}`
  const log = join(folder, 'redis.log')
  await endLeftOver(url)
  const args = options({ folder, socket, log })
  const server = keepRunning({ name: 'Redis server', command, args, silent: true })
  try {
    await Promise.race([server.failed, answer(url)])
  } catch (error) {
    server.kill()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal(`${reason} See ${log}. Nothing is lost when the folder ${folder} is deleted.`)
  }
  server.trust()
  return server
}

/**
 * Ends a server that an earlier run, killed before it could clean up, left on this socket.
 * @param {string} url
 */
async function endLeftOver(url) {
  try {
    await askRedis(url, ['SHUTDOWN'], { timeoutMs: 20_000 })
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    // A server that obeys says nothing and closes the connection.
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED')
      say('Ended a Redis server that an earlier run left behind.')
  }
}

/** @param {{ folder: string, socket: string, log: string }} where */
function options({ folder, socket, log }) {
  return Object.entries({
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    logfile: log,
    loglevel: 'warning',
  }).flatMap(([name, value]) => [`--${name}`, value])
}

/** @param {string} url */
async function answer(url) {
  const deadline = Date.now() + START_TIMEOUT_MS
  for (;;) {
    try {
      return await askRedis(url, ['PING'])
    } catch (error) {
      const { message } = /** @type {Error} */ (error)
      if (Date.now() > deadline) throw new Refusal(`Redis doesn't answer: ${message}.`)
      await pause(25)
    }
  }
}
