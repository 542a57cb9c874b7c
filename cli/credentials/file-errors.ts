export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

const REASONS = new Map([
  ['EACCES', 'this user may not'],
  ['EPERM', 'this user may not'],
  ['EISDIR', 'it is a folder'],
  ['ELOOP', 'it is a link, and none is followed'],
  ['ENOTDIR', 'a part of its path is no folder'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk is full'],
  ['EROFS', 'the disk is read-only'],
])

/** Why a file could not be had, for people; never what is in it. */
export const reasonOf = (error: unknown): string => {
  const code = codeOf(error)
  return REASONS.get(code ?? '') ?? code ?? 'it failed'
}
