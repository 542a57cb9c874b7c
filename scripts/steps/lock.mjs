import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Names a process so that another one that got its number later is told apart.
 * @param {number} pid
 * @returns {string | undefined} nothing when no such process lives
 */
function identify(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : `${pid} ${fields[19]}`
  } catch {
    if (process.platform === 'linux') return undefined
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
    return `${pid} ${started.trim()}`
  } catch {
    return undefined
  }
}

/**
 * Takes a lock file that ends with its holder, however that ends.
 * @param {string} file
 * @returns {{ release: () => void } | { heldBy: number }}
 */
export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true })
  // Not the number alone: containers that share the folder may each have a process of that number.
  const mine = `${file}.${process.pid}.${randomUUID()}`
  const me = identify(process.pid) ?? String(process.pid)
  writeFileSync(mine, me)
  try {
    for (;;) {
      try {
        linkSync(mine, file) // fails when the lock is there, and is never seen half written
        return { release: () => rmSync(file, { force: true }) }
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
      }
      const holder = read(file)
      if (holder === undefined) continue
      const pid = Number.parseInt(holder, 10)
      if (identify(pid) === holder) return { heldBy: pid }
      takeAway(file, holder)
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

/**
 * Waits until the lock is free, runs the work under it, and frees it.
 * @template T
 * @param {string} file
 * @param {{ onWait: (pid: number) => void }} hooks told once when somebody else holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { onWait }, work) {
  let lock = tryLock(file)
  if ('heldBy' in lock) onWait(lock.heldBy)
  while ('heldBy' in lock) {
    await pause(200)
    lock = tryLock(file)
  }
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Removes a dead holder's lock, and puts back one that somebody took in the meantime.
 * @param {string} file
 * @param {string} deadHolder
 */
function takeAway(file, deadHolder) {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
    if (read(aside) !== deadHolder) linkSync(aside, file)
  } catch {
    // Somebody else was quicker; the next look at the lock decides.
  } finally {
    rmSync(aside, { force: true })
  }
}
