import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What the image runs as, and so what the data belongs to. */
const ID = 10_001

/**
 * Goes on as the image's own user, for good. The data folder is made ready for that user where it is as new,
 * and the group that may use the Engine's socket is kept, whatever its number on this host is.
 * @param {{ dataDir: string, dockerHost: string }} where
 */
export function becomeUser({ dataDir, dockerHost }) {
  const redis = join(dataDir, 'redis')
  // The inner one first: into the other root may not look any more once it is the user's.
  for (const folder of [redis, dataDir]) adopt(folder)
  const socket = dockerHost.startsWith('unix://')
    ? statSync(dockerHost.slice('unix://'.length), { throwIfNoEntry: false })
    : undefined
  process.setgroups?.(socket ? [ID, socket.gid] : [ID])
  process.setgid?.(ID)
  process.setuid?.(ID)
  mkdirSync(redis, { recursive: true, mode: 0o700 })
}

/**
 * A folder that the Engine has just made for a mount is root's, and empty.
 * @param {string} folder
 */
function adopt(folder) {
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false })
    if (!found?.isDirectory() || found.uid !== 0) return
    if (readdirSync(folder).some((name) => name !== 'redis')) return
    chmodSync(folder, 0o700)
    chownSync(folder, ID, ID)
  } catch {
    // What it was needed for says so.
  }
}
