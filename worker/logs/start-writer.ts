import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { promisify } from 'node:util'
import { newId } from '../../db/ids'
import { CONFIG_FD, type WriterConfig } from './writer-config'

const run = promisify(execFile)

/** The label of a log writer, which isn't a process of the machine: it ends when the last of those has. */
export const LOG_LABEL = 'SLIPWAY_LOG_OF'

interface WriterStart extends WriterConfig {
  /** Path of the built writer. */
  program: string
  /** The value of `LOG_LABEL`. */
  label: string
  /** Where a pipe may have a name for a moment. */
  pipe: string
  /** What the writer's runtime needs, and nothing of the service's. */
  environment: Record<string, string>
}

/**
 * Starts the process that writes a service's log. It knows all it needs before this returns, and from then
 * on depends on nobody but the service: this worker may die, the service's output goes on.
 * @returns the end of the pipe that the service is to print to; close it once the service has it
 */
export async function startLogWriter(start: WriterStart): Promise<FileHandle> {
  const ends = await openPipe(`${start.pipe}.${newId()}.pipe`)
  const env: Record<string, string> = { ...start.environment, [LOG_LABEL]: start.label }
  try {
    const child = spawn(process.execPath, ['--max-old-space-size=64', start.program], {
      cwd: '/',
      detached: true,
      stdio: [ends.output.fd, 'ignore', 'ignore', 'pipe'],
      env: env as NodeJS.ProcessEnv,
    })
    child.unref()
    await once(child, 'spawn')
    const { log, bytesMax, secrets } = start
    await tell(child.stdio[CONFIG_FD] as Duplex, { log, bytesMax, secrets })
    return ends.input
  } catch (error) {
    await ends.input.close()
    throw error
  } finally {
    await ends.output.close()
  }
}

/** Returns when the other side can read all of it, whether or not this process lives on. */
async function tell(channel: Duplex, config: WriterConfig): Promise<void> {
  channel.end(JSON.stringify(config))
  await once(channel, 'finish')
  channel.destroy()
}

/** A real pipe: with the sockets that Node makes, a service couldn't open its own /dev/stdout. */
async function openPipe(path: string): Promise<{ output: FileHandle; input: FileHandle }> {
  await run('mkfifo', ['-m', '600', path])
  try {
    // Opened for both first, as the others would wait for each other.
    const both = await open(path, constants.O_RDWR)
    try {
      const output = await open(path, constants.O_RDONLY)
      return { output, input: await open(path, constants.O_WRONLY) }
    } finally {
      await both.close()
    }
  } finally {
    await rm(path, { force: true })
  }
}
