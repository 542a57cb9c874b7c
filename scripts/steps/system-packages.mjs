import { existsSync, readFileSync } from 'node:fs'
import { Refusal, run, runFor, say } from './shell.mjs'

/** @typedef {'apt' | 'dnf' | 'apk' | 'pacman' | 'zypper' | 'brew'} Manager */

/** @type {Record<Manager, string>} */
const COMMANDS = {
  apt: 'apt-get install -y',
  dnf: 'dnf install -y',
  apk: 'apk add',
  pacman: 'pacman -S --noconfirm',
  zypper: 'zypper install -y',
  brew: 'brew install',
}

/** @type {Record<string, Manager>} os-release's ID → package manager */
const DISTRIBUTIONS = {
  debian: 'apt',
  ubuntu: 'apt',
  fedora: 'dnf',
  rhel: 'dnf',
  centos: 'dnf',
  alpine: 'apk',
  arch: 'pacman',
  suse: 'zypper',
  opensuse: 'zypper',
}

/**
 * @param {{ platform: string, osRelease: string, uid: number | undefined }} machine osRelease: that file's text
 * @returns {{ id: string, manager: Manager | undefined, isRoot: boolean }}
 */
export function describeSystem({ platform, osRelease, uid }) {
  const isRoot = uid === 0
  if (platform === 'darwin') return { id: 'macos', manager: 'brew', isRoot }
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1] ?? ''
  const ids = [field('ID'), ...field('ID_LIKE').split(' ')]
  const known = ids.find((id) => id in DISTRIBUTIONS)
  return { id: ids[0] ?? '', manager: known === undefined ? undefined : DISTRIBUTIONS[known], isRoot }
}

export function thisSystem() {
  const file = '/etc/os-release'
  const osRelease = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return describeSystem({ platform: process.platform, osRelease, uid: process.getuid?.() })
}

/**
 * @param {ReturnType<typeof describeSystem>} system
 * @param {Partial<Record<Manager, string>>} packages names of the package that holds the program
 * @returns {string | undefined} the one command that installs it here
 */
export function installCommand({ manager, isRoot }, packages) {
  const name = manager && packages[manager]
  if (!name) return undefined
  const needsRoot = manager !== 'brew' && !isRoot
  return `${needsRoot ? 'sudo ' : ''}${COMMANDS[manager]} ${name}`
}

/**
 * Installs a Debian package as root, saying so.
 * @param {string[]} names
 */
export async function aptInstall(names) {
  say(`Installing ${names.join(', ')} with apt-get, as this is Debian and we are root …`)
  // RUNLEVEL=1 keeps init scripts from starting the package's service, which would take its default port.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const args = ['install', '-y', '--no-install-recommends', ...names]
  const { code } = await runFor('apt-get', args, { env, quiet: true })
  if (code === 0) return
  await run('apt-get', ['update'], { env, quiet: true })
  await run('apt-get', args, { env, quiet: true })
}

/**
 * @param {string} what
 * @param {string | undefined} command
 * @param {string} otherwise a further way out
 */
export function explainMissing(what, command, otherwise) {
  const cure = command ? `Install it with:\n\n  ${command}\n\n` : 'Install it, '
  return new Refusal(`${what} is missing. ${cure}or ${otherwise}`)
}
