import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { Refusal, ROOT, run, say } from './shell.mjs'

const OLDEST_NODE = [20, 19]

/**
 * @param {string} version as in process.versions.node
 * @throws Refusal when Slipway doesn't run on it
 */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  throw new Refusal(
    `Slipway needs Node ${OLDEST_NODE.join('.')} or newer, and this is ${version}: https://nodejs.org/`,
  )
}

/** Brings node_modules in line with package-lock.json, if it isn't. */
export async function installDependencies() {
  checkNode(process.versions.node)
  if (isInstalled()) return
  const onWait = (/** @type {number} */ pid) => say(`Waiting for the installation of process ${pid} …`)
  await withLock(join(ROOT, 'build', 'install.lock'), { onWait }, async () => {
    if (isInstalled()) return
    say('Installing dependencies from package-lock.json, a minute or two …')
    await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'])
  })
}

const isInstalled = () => matchesLockFile(ROOT) && addonLoads()

/** @param {string} root the folder that holds package-lock.json and node_modules */
export function matchesLockFile(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(join(root, 'node_modules/.package-lock.json'))
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true
    return present[path] ? present[path].version === version : optional
  })
}

/**
 * @param {string} lockFile npm writes one into node_modules as the last act of an installation
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages
  } catch {
    return {}
  }
}

/** Whether the compiled part was made for this version of Node. */
function addonLoads() {
  try {
    const Database = createRequire(join(ROOT, 'package.json'))('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}
