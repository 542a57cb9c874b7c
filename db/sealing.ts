import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Keyring } from './keyring'

const FORMAT = 'v1'
const IV_BYTES = 12
// Node accepts a tag of 4 bytes unless the length is fixed.
const TAG_BYTES = 16

/** What a value is for. It opens only under the same purpose and owner, so a moved row stays shut. */
export interface SealingContext {
  purpose: 'canary' | 'provider-token'
  /** User and provider, or whatever else names the one row that the value belongs to. */
  owner: readonly string[]
}

/** The value was moved, damaged, or sealed with a key that is not in the ring. Tells nothing of it. */
export class UnsealError extends Error {
  override name = 'UnsealError'
}

const additionalData = (keyId: string, { purpose, owner }: SealingContext) =>
  Buffer.from(JSON.stringify(['slipway', FORMAT, purpose, keyId, ...owner]))

/** Which key sealed a value; empty when it isn't one. */
export const keyIdOf = (sealed: string): string => sealed.split('.')[1] ?? ''

/** @returns `v1.<key id>.<base64url of IV, ciphertext and tag>`, sealed with the first key of the ring */
export function seal(keyring: Keyring, context: SealingContext, plaintext: string): string {
  const [key] = keyring
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(additionalData(key.id, context))
  const sealed = Buffer.concat([iv, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return [FORMAT, key.id, sealed.toString('base64url')].join('.')
}

/** @throws UnsealError, never anything that holds the value */
export function unseal(keyring: Keyring, context: SealingContext, value: string): string {
  const [format, keyId, encoded, ...rest] = value.split('.')
  if (format !== FORMAT || !keyId || !encoded || rest.length)
    throw new UnsealError('The stored value is malformed.')
  const key = keyring.find(({ id }) => id === keyId)
  if (!key)
    throw new UnsealError(`The stored value was sealed with key ${keyId}, which is not in the key ring.`)
  const sealed = Buffer.from(encoded, 'base64url')
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new UnsealError('The stored value is too short.')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(additionalData(keyId, context))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    )
  } catch {
    throw new UnsealError('The stored value was changed, or belongs to another row.')
  }
}

/**
 * Seals a value with the first key of the ring that another key of it has sealed.
 * @throws UnsealError
 */
export const reseal = (keyring: Keyring, context: SealingContext, value: string): string =>
  seal(keyring, context, unseal(keyring, context, value))
