import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { syncName } from '../durable'
import { type Keyring, KeyringError, parseKeyring } from './keyring'

/** Where the ring is: in the setting, else in the 0600 file `token-keys` of the data folder. */
export interface KeySettings {
  tokenKeys: string | undefined
  dataDir: string
}

const keyFile = (dataDir: string) => join(dataDir, 'token-keys')

/** What to call the place where the ring is. */
export const keySource = ({ tokenKeys, dataDir }: KeySettings): string =>
  tokenKeys ? 'TOKEN_KEYS' : keyFile(dataDir)

/**
 * @param mayCreate only while nothing is sealed yet: a new key next to old values would lock them away
 * @returns gives the ring as it is now: the file is read again whenever it has changed
 * @throws KeyringError, as what it returns does
 */
export function openKeyring(settings: KeySettings, mayCreate: boolean): () => Keyring {
  if (settings.tokenKeys) {
    const ring = parseKeyring(settings.tokenKeys, 'TOKEN_KEYS')
    return () => ring
  }
  const file = keyFile(settings.dataDir)
  if (mayCreate && !existsSync(file)) createKeyFile(file)
  let known: { stamp: string; ring: Keyring } | undefined
  return () => {
    // Before reading: a file that is replaced in between is then read once more than needed.
    const stamp = stampOf(file)
    if (known?.stamp !== stamp) known = { stamp, ring: parseKeyring(readFileSync(file, 'utf8'), file) }
    return known.ring
  }
}

/** Looks different after every change. */
function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  if (!stat)
    throw new KeyringError(
      `The database holds sealed values, but ${file} is gone. Put the file back from your backup, or set TOKEN_KEYS. Nothing was changed.`,
    )
  return [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
}

/**
 * Puts a new key before those of the file, which stay. The file is the old one or the new one at every
 * moment, also after a power cut.
 */
export function addFirstKey(dataDir: string): void {
  const file = realpathSync(keyFile(dataDir))
  const draft = `${file}.next`
  // Of a run that was killed.
  rmSync(draft, { force: true })
  const { uid, gid } = statSync(file)
  const fd = openSync(draft, 'wx', 0o600)
  try {
    writeFileSync(fd, `${newKey()}\n${readFileSync(file, 'utf8')}`)
    // Whoever rotates, the server has to be able to read it.
    fchownSync(fd, uid, gid)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(draft, file)
  syncName(file)
}

/** Says where an operator finds a key of the ring. */
export function placeOfKey(settings: KeySettings, keyId: string): string {
  const source = keySource(settings)
  const lines = settings.tokenKeys ? [settings.tokenKeys] : readFileSync(source, 'utf8').split('\n')
  for (const [index, line] of lines.entries()) {
    const keys = line.trim() ? parseKeyring(line, source) : []
    const position = keys.findIndex(({ id }) => id === keyId) + 1
    if (!position) continue
    if (settings.tokenKeys) return `key ${position} of TOKEN_KEYS`
    const place = `line ${index + 1} of ${source}`
    return keys.length > 1 ? `key ${position} in ${place}` : place
  }
  throw new KeyringError(`Key ${keyId} is not in ${source}.`)
}

const newKey = () => randomBytes(32).toString('base64')

/** Whole or not at all, and when two processes try at once the first one's key stays. */
function createKeyFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  // What is sealed with it is on the disk as soon as it is saved; so must the key be.
  writeFileSync(draft, `${newKey()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, file)
    syncName(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}
