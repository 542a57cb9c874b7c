import { realpath } from 'node:fs/promises'
import { isAbsolute, join, posix } from 'node:path'

/** Whether a relative path, taken literally, stays below the folder that it begins in. */
export const staysInside = (path: string): boolean => {
  const plain = posix.normalize(path)
  return !isAbsolute(plain) && plain !== '..' && !plain.startsWith('../') && !path.includes('\0')
}

/**
 * Whether a link below the folder leads to something below it: by what it says, and by where it really
 * leads if it leads anywhere.
 * @param path of the link, relative to the folder
 */
export async function linkStaysInside(root: string, path: string, target: string): Promise<boolean> {
  if (isAbsolute(target) || !staysInside(posix.join(posix.dirname(path), target))) return false
  const top = await realpath(root)
  const end = await realpath(join(root, path)).catch(() => top)
  return end === top || end.startsWith(`${top}/`)
}
