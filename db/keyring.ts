import { createHash } from 'node:crypto'

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
 * @throws KeyringError, never anything that holds a key
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
