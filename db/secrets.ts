import { createHash, randomBytes } from 'node:crypto'

/** Every random secret that is handed out once and then known only by its hash. */
export type SecretPurpose =
  | 'session'
  | 'sign-in-link'
  | 'sign-in-browser'
  | 'sign-in-code'
  | 'oidc-state'
  | 'oidc-nonce'
  | 'oidc-verifier'
  | 'api-token'
  | 'device-code'
  | 'user-code'
  | 'machine-ticket'
  | 'machine-cookie'

/**
 * The purpose goes into the hash, so that a secret of one kind is never taken for another.
 * Plain SHA-256 is enough for 256 random bits.
 */
export const hashSecret = (purpose: SecretPurpose, secret: string): string =>
  createHash('sha256').update(`slipway:${purpose}:${secret}`).digest('base64url')

/** @returns the secret, to be handed out now and never again, and the hash to keep */
export function mintSecret(purpose: SecretPurpose): { secret: string; hash: string } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashSecret(purpose, secret) }
}
