import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './path.mjs'
import { askRedis } from './redis-client.mjs'
import { makePrivateFolder, socketPath, startServer } from './redis-server.mjs'
import { runFor, say } from './shell.mjs'
import { aptInstall, explainMissing, installCommand, thisSystem } from './system-packages.mjs'

const SERVERS = ['redis-server', 'valkey-server']
const PACKAGES = {
  apt: 'redis-server',
  dnf: 'valkey',
  apk: 'redis',
  pacman: 'valkey',
  zypper: 'redis',
  brew: 'redis',
}

/**
 * Finds a Redis, or starts one whose data is kept under dataDir.
 * @param {{ redisUrl: string | undefined, dataDir: string, path: string | undefined }} where path: a PATH
 * @returns {Promise<{ url: string, answers: boolean, server?: import('./keep-running.mjs').Kept }>}
 *   no server when it isn't ours
 * @throws Refusal naming the cure when there is none
 */
export async function provideRedis({ redisUrl, dataDir, path }) {
  if (redisUrl) {
    return { url: redisUrl, answers: await warnWhenUnreachable(redisUrl) }
  }
  const command = await findServer(path)
  const folder = join(dataDir, 'redis')
  makePrivateFolder(folder)
  const socket = socketPath(folder)
  return { url: `unix://${socket}`, answers: true, server: await startServer({ command, folder, socket }) }
}

/**
 * @param {string} url
 * @returns {Promise<boolean>} whether it answers
 */
async function warnWhenUnreachable(url) {
  try {
    await askRedis(url, ['PING'])
    return true
  } catch (error) {
    const where = url.startsWith('unix:') ? url : new URL(url).host
    say(`Warning: the Redis of REDIS_URL (${where}) doesn't answer: ${/** @type {Error} */ (error).message}.`)
    say('Going on without it: launches are kept and start as soon as it is there.')
    return false
  }
}

/**
 * @param {string | undefined} path a PATH
 * @param {{ system?: ReturnType<typeof thisSystem>, install?: typeof aptInstall }} [means]
 * @returns {Promise<string>} absolute path of the program
 */
export async function findServer(path, { system = thisSystem(), install = aptInstall } = {}) {
  const found = findProgram(SERVERS, path)
  if (found) return found
  if (system.manager === 'apt' && system.isRoot) {
    await install(['redis-server'])
    if (existsSync('/run/systemd/system')) {
      // The package brings a service of its own on port 6379, which nobody asked for.
      await runFor('systemctl', ['disable', '--now', 'redis-server'], { quiet: true })
    }
    const installed = findProgram(SERVERS, path)
    if (installed) return installed
  }
  const otherwise = 'name one that runs: REDIS_URL=redis://127.0.0.1:6379 npm start'
  throw explainMissing('Redis', installCommand(system, PACKAGES), otherwise)
}
