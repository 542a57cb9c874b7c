import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @param {string[]} names in order of preference
 * @param {string | undefined} path a PATH
 * @returns {string | undefined} absolute path of the first that can be run
 */
export function findProgram(names, path = '') {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      if (folder === '') continue
      const file = join(folder, name)
      try {
        accessSync(file, constants.X_OK)
        if (statSync(file).isFile()) return file
      } catch {
        // not here
      }
    }
  }
  return undefined
}
