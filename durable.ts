import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a file's content, or a folder's names, last through a power cut. */
export function syncToDisk(path: string): void {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** Makes the name of a file last, as syncing the file makes its content. */
export const syncName = (path: string): void => syncToDisk(dirname(path))
