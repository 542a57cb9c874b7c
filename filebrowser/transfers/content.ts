import type { ModelFile } from '~/providers/models/issuer'
import type { Content } from './contract'
import { differs } from './open-bytes'

/**
 * Why what an earlier try left is of no use for the file that the issuer describes now.
 * @returns `undefined` if both are the same file, as far as the issuer tells
 */
export function whyNotTheSame(known: Content, file: ModelFile): string | undefined {
  const hash = file.sha256 ?? null
  const version = file.version ?? null
  const isOtherSize = known.size !== null && differs(known.size, file)
  if (known.sha256 !== hash || isOtherSize) return CHANGED
  // The hash names the content better than a commit, which also changes with the file's neighbours.
  if (hash) return undefined
  if (known.version !== version) return CHANGED
  return version || known.etag ? undefined : UNNAMED
}

const CHANGED = 'The file has changed at its source since the download began: it began again from the start.'
const UNNAMED =
  'The source doesn’t say whether this is still the same file: the download began again from the start.'
export const NO_REST =
  'The source could not go on from where the download had stopped: it began again from the start.'
export const SPOILT =
  'What an earlier try had left did not fit the rest (the SHA-256 differs): the download began again from the start.'
