import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from './temp-folder'

const isRoot = process.getuid?.() === 0

/** Whether to leave out what mounts a disk. CI never does: there it fails without root. */
export const noMount = !isRoot && !process.env.CI
if (noMount) console.warn('Skipped: these tests mount a small disk, which only root may.')

const BLOCK = Buffer.alloc(4096, 1)

/** A disk of this test's own on which everything temporary of it lies from now on. */
export function smallDisk(megabytes: number) {
  const folder = temporaryFolder()
  const path = join(folder.path, 'disk')
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'slipway-test', path])
  vi.stubEnv('TMPDIR', path)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    execFileSync('umount', ['-l', path])
    folder.remove()
  })
  const filler = join(path, 'filler')
  return {
    /** Leaves not one byte. */
    fill() {
      const file = openSync(filler, 'w')
      try {
        for (;;) writeSync(file, BLOCK)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler),
  }
}
