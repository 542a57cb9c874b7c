import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** `flock -n` answers this when somebody else has the lock. */
const TAKEN = 1

/**
 * Takes a lock that one holder on this host has at a time. It belongs to the open file, so that the kernel
 * gives it up when this process ends, however that happens.
 * @param path a file that nobody removes
 * @returns what gives it up; undefined when somebody has it
 */
export async function takeExclusively(path: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'a', 0o600)
  try {
    // The lock outlives the program that asks for it, as this process has the same open file.
    const child = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', file.fd] })
    const [code] = await once(child, 'exit')
    if (code === 0) return () => file.close()
    if (code !== TAKEN) throw new Error(`flock of ${path} ended with ${code}.`)
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  return undefined
}
