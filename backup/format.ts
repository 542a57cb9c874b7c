import * as z from 'zod'

/**
 * A backup is a tar: the database first, then the files that it speaks of, then the manifest and the manifest's
 * SHA-256. What comes last proves that everything before it is there.
 */

export const FORMAT = 1
export const DATABASE = 'slipway.db'
/** The sizes of machines as they were in force. */
export const SIZES = 'machines.json'
export const MANIFEST = 'manifest.json'
export const SEAL = 'manifest.sha256'

const PLACE =
  /^(slipway\.db|machines\.json|saves\/[a-z0-9]+\/[a-z0-9]+\.\d+\.tar\.gz|results\/[a-z0-9]+\/[a-z0-9]+\/\d+)$/

/** Whether a backup may have a file of this name: none leads anywhere else. */
export const isPlace = (name: string): boolean => PLACE.test(name)

const listed = z.object({
  name: z.string().regex(PLACE),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
})

export const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** Versions of the program and of the database's schema. */
  slipway: z.string(),
  schema: z.int(),
  /** Whose it is. */
  installation: z.string(),
  takenAt: z.iso.datetime(),
  /** Ids of the token keys that open what is sealed in it. */
  keys: z.array(z.string()),
  files: z.array(listed),
  /** Files that the database speaks of and that were not there. */
  missing: z.array(z.string()),
})

export type Manifest = z.infer<typeof manifestSchema>
export type ListedFile = z.infer<typeof listed>

/** The backup can't be used as it is; the message says why. */
export class BackupError extends Error {
  override name = 'BackupError'
}
