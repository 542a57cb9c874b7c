import { closeSync, constants, fchmodSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { CliError, EXIT } from '../exits'
import { codeOf, reasonOf } from './file-errors'
import type { Places } from './places'
import { parseStoredToken, type StoredToken } from './stored-token'

const BYTES_MAX = 64 * 1024
const OTHERS = 0o077
/** A pipe in its place would be waited for without end. Windows has neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const isWindows = process.platform === 'win32'

export interface FoundToken extends StoredToken {
  /** Where it was found. */
  file: string
}

/**
 * @param warn told when the file was open to others, and has been tightened
 * @returns undefined when there is no file
 * @throws CliError naming a file that is there and can't be read, holds something else, is a link or another user's
 */
export function readStoredToken(
  { file, legacy }: Places,
  warn: (text: string) => void,
): FoundToken | undefined {
  for (const path of legacy ? [file, legacy] : [file]) {
    const text = readPrivately(path, path === file, warn)
    if (text === undefined) continue
    const stored = parseStoredToken(text)
    if (!stored) throw unreadable(path, "it holds something else than this command's login")
    return { ...stored, file: path }
  }
  return undefined
}

function readPrivately(path: string, isOurs: boolean, warn: (text: string) => void): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unreadable(path, reasonOf(error))
  }
  try {
    const { mode, size, uid } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw unreadable(path, 'it is no file')
    if (!isWindows && uid !== process.getuid?.()) throw unreadable(path, 'it belongs to another user')
    if (size > BYTES_MAX) throw unreadable(path, 'it is far too large')
    if (isOurs && !isWindows && mode & OTHERS) tighten(descriptor, path, warn)
    return readFileSync(descriptor, 'utf8')
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(path, reasonOf(error))
  } finally {
    closeSync(descriptor)
  }
}

function tighten(descriptor: number, path: string, warn: (text: string) => void) {
  try {
    fchmodSync(descriptor, 0o600)
    warn(`${path} could be read by others on this computer. Now it can't; log in anew if somebody may have.`)
  } catch {
    warn(`${path} can be read by others on this computer, and this user may not change that.`)
  }
}

const unreadable = (path: string, why: string) =>
  new CliError(EXIT.failed, `${path} can't be read: ${why}. Mend or delete it, then run: runcomfy login`)
