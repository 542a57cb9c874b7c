import { Refusal as AnyRefusal, type ModelRefusalCode } from '~/providers/refusal'

/** Every way in which the filebrowser says no: code → HTTP status. */
const STATUS = {
  bad_request: 400,
  bad_path: 400,
  bad_url: 400,
  foreign_request: 403,
  forbidden: 403,
  not_found: 404,
  already_exists: 409,
  busy: 409,
  wrong_state: 409,
  queue_full: 409,
  not_a_file: 409,
  bad_range: 416,
  disk_full: 507,
  internal: 500,
  token_missing: 401,
  token_refused: 401,
  terms_not_accepted: 403,
  token_lacks_gated_read: 403,
  not_found_or_private: 404,
  revision_or_file_missing: 404,
  early_access: 403,
  creator_disabled: 403,
  archived: 410,
  unsafe_file: 403,
  rate_limited: 429,
  html_instead_of_file: 502,
  hash_mismatch: 502,
  size_mismatch: 502,
  host_not_allowed: 403,
  network: 502,
  file_exists: 409,
  canceled: 409,
} as const satisfies Record<ModelRefusalCode, number> & Record<string, number>

export type RefusalCode = keyof typeof STATUS

/** What issuers refuse and what the filebrowser refuses are one class; here it has more codes. */
export const Refusal = AnyRefusal<RefusalCode>
export type Refusal = AnyRefusal<RefusalCode>

export const statusOf = ({ code }: Refusal): number => STATUS[code]

const BY_ERRNO: Record<string, [RefusalCode, string]> = {
  ENOENT: ['not_found', 'That file or folder is no longer there.'],
  ENOTDIR: ['not_found', 'A part of that path is a file, not a folder.'],
  EEXIST: ['already_exists', 'Something of that name is already there.'],
  ENOTEMPTY: ['already_exists', 'A folder of that name is already there.'],
  EISDIR: ['not_a_file', 'That is a folder, not a file.'],
  EACCES: ['forbidden', 'The machine may not touch that file or folder.'],
  EPERM: ['forbidden', 'The machine may not touch that file or folder.'],
  EROFS: ['forbidden', 'That folder is read-only.'],
  ENAMETOOLONG: ['bad_path', 'That name is too long.'],
  EBUSY: ['busy', 'That folder is a disk of its own, or in use: it has to stay where it is.'],
  ELOOP: ['bad_path', 'That link leads in a circle.'],
  EINVAL: ['bad_path', 'A folder can’t be moved into itself.'],
  ENOSPC: ['disk_full', 'The disk is full. Delete something and try again.'],
  EDQUOT: ['disk_full', 'The disk quota is used up. Delete something and try again.'],
}

/** Turns what the file system throws into a refusal; `undefined` for what nobody foresaw. */
export function toRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  const known = BY_ERRNO[(error as NodeJS.ErrnoException | undefined)?.code ?? '']
  return known && new Refusal(...known)
}

/** Whether the file system has no room left, or none for this user. */
export const isDiskFull = (error: unknown): boolean => toRefusal(error)?.code === 'disk_full'
