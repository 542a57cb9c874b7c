import { createHash, randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const KEY_BYTES = 32

export interface Key {
  /** Derived from the key, so that a value can name its key without telling anything of it. */
  id: string
  bytes: Buffer
}
/** The first key writes, all of them read. */
export type Keyring = readonly [Key, ...Key[]]

/** The keys are missing or malformed; the message says what to do. */
export class KeyringError extends Error {
  override name = 'KeyringError'
}

/**
 * @param text keys as base64 of 32 bytes, separated by commas, blanks or line ends
 * @param source what to call it in an error
 */
export function parseKeyring(text: string, source: string): Keyring {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((encoded): Key => {
      const bytes = Buffer.from(encoded, 'base64')
      if (
        bytes.length !== KEY_BYTES ||
        bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')
      )
        throw new KeyringError(
          `${source} must hold keys of ${KEY_BYTES} bytes in base64, the newest first. \`openssl rand -base64 32\` makes one.`,
        )
      return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes }
    })
  const [first, ...others] = keys
  if (!first) throw new KeyringError(`${source} holds no key. \`openssl rand -base64 32\` makes one.`)
  return [first, ...others]
}

const keyFile = (dataDir: string) => join(dataDir, 'token-keys')

/**
 * The ring from TOKEN_KEYS, else from the 0600 file in the data folder.
 * @param mayCreate only while nothing is sealed yet: a new key next to old values would lock them away
 * @throws KeyringError
 */
export function loadKeyring(
  settings: { tokenKeys: string | undefined; dataDir: string },
  mayCreate: boolean,
): Keyring {
  if (settings.tokenKeys) return parseKeyring(settings.tokenKeys, 'TOKEN_KEYS')
  const file = keyFile(settings.dataDir)
  if (!existsSync(file)) {
    if (!mayCreate)
      throw new KeyringError(
        `The database holds sealed values, but ${file} is gone. Put the file back from your backup, or set TOKEN_KEYS. Nothing was changed.`,
      )
    createKeyFile(file)
  }
  return parseKeyring(readFileSync(file, 'utf8'), file)
}

/** Whole or not at all, and when two processes try at once the first one's key stays. */
function createKeyFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
    mode: 0o600,
    flag: 'wx',
    // What is sealed with it is on the disk as soon as it is saved; so must the key be.
    flush: true,
  })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}
