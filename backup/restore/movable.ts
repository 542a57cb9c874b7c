import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BackupError } from '../format'

/** Mount points as the kernel lists them; none where it has no such list. */
function listMounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}

/**
 * Makes sure that names in the data folder can be given to something else: a mount point can't be renamed.
 * @param mounts in the form of /proc/self/mountinfo
 * @throws BackupError with the cure
 */
export function assertMovable(dataDir: string, names: readonly string[], mounts = listMounts()): void {
  const folder = realpathSync(dataDir)
  const points = new Set(mounts.split('\n').map((line) => unescapePath(line.split(' ')[4] ?? '')))
  const { dev } = statSync(folder)
  for (const name of names) {
    const path = join(folder, name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found) continue
    // Of a file on an overlay the device is another one, mounted or not.
    if ((found.isDirectory() && found.dev !== dev) || points.has(path))
      throw new BackupError(
        `${path} is mounted from elsewhere, and a restore can't put it aside. Unmount it and restore again; then move what is in ${path} to where it was mounted from, and mount that. Nothing was changed.`,
      )
    if (found.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new BackupError(
        `${path} is a link to a folder elsewhere, and a restore can't put that aside. Remove the link and restore again; then move what is in ${path} to where the link led, and make it again. Nothing was changed.`,
      )
  }
}

/** Blanks and the like are written in octal. */
const unescapePath = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
