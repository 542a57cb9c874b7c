import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CliError, EXIT } from '../exits'
import { codeOf, reasonOf } from './file-errors'
import { formatStoredToken, type StoredToken } from './stored-token'

const TRIES = 3
const OTHERS = 0o077
const OTHERS_WRITE = 0o022
/** A folder of this name is for nothing but logins. */
const OURS = 'runcomfy'
const isWindows = process.platform === 'win32'

/**
 * Makes sure that a token can be saved there and read by nobody else, before one is asked for.
 * @param warn told when a folder of ours was open to others, and has been tightened
 * @throws CliError naming what is in the way, and the cure
 */
export function prepareFolder(file: string, warn: (text: string) => void): void {
  const folder = dirname(file)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!isWindows) assertPrivate(folder, warn)
    const there = lstatSync(file, { throwIfNoEntry: false })
    if (there?.isSymbolicLink())
      throw refused(`${file} is a link, and a login is not saved through one: delete it`)
    if (there && !there.isFile()) throw refused(`${file} is no file: move it away`)
  } catch (error) {
    throw error instanceof CliError ? error : notSaved(folder, error)
  }
}

function assertPrivate(folder: string, warn: (text: string) => void) {
  const { mode, uid } = statSync(folder)
  const choose = 'Choose one of your own with RUNCOMFY_CONFIG_DIR'
  if (uid !== process.getuid?.()) throw refused(`The folder ${folder} belongs to another user. ${choose}`)
  if (basename(folder) === OURS && mode & OTHERS) {
    chmodSync(folder, 0o700)
    warn(`The folder ${folder} was open to others on this computer. Now it isn't.`)
  } else if (mode & OTHERS_WRITE) throw refused(`Others can write to the folder ${folder}. ${choose}`)
}

/**
 * Whoever reads the file, and whenever the process is killed, finds the old one or the new one, whole.
 * @throws CliError naming the file and why it could not be saved
 */
export function saveToken(file: string, token: StoredToken, warn: (text: string) => void): void {
  prepareFolder(file, warn)
  try {
    clearLeftovers(file)
    for (let attempt = 1; !replace(file, formatStoredToken(token)); attempt++)
      if (attempt === TRIES)
        throw new CliError(EXIT.tryAgain, `Another login is being saved to ${file}. Run it again.`)
    syncFolder(dirname(file))
  } catch (error) {
    throw error instanceof CliError ? error : notSaved(file, error)
  }
}

/** @throws CliError naming the file and why it is still there */
export function forgetToken(file: string): void {
  try {
    clearLeftovers(file)
    rmSync(file, { force: true })
    syncFolder(dirname(file))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      throw new CliError(EXIT.failed, `${file} can't be deleted: ${reasonOf(error)}. Delete it yourself`)
  }
}

/** @returns false when the new file was taken away meanwhile, by one who thought that its process had ended */
function replace(file: string, text: string): boolean {
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const descriptor = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, file)
    return true
  } catch (error) {
    rmSync(temporary, { force: true })
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** What writers left that were killed: their names say whose they were. */
function clearLeftovers(file: string): void {
  const start = `${basename(file)}.`
  for (const name of readdirSync(dirname(file))) {
    const pid = name.startsWith(start)
      ? /^(\d+)\.[0-9a-f]+\.tmp$/.exec(name.slice(start.length))?.[1]
      : undefined
    if (pid && !isAlive(Number(pid))) rmSync(join(dirname(file), name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** A rename is there after a power cut only once its folder is. Windows can't be asked to. */
function syncFolder(folder: string): void {
  if (isWindows) return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const refused = (message: string) => new CliError(EXIT.failed, message)

const notSaved = (path: string, error: unknown) =>
  new CliError(EXIT.failed, `The login can't be saved: ${path}: ${reasonOf(error)}`)
