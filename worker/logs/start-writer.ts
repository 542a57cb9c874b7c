import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { FileHandle } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { takePipe } from './pipes'
import { CONFIG_FD, type WriterConfig } from './writer-config'

/** The label of a log writer, which isn't a process of the machine: it ends when the last of those has. */
export const LOG_LABEL = 'SLIPWAY_LOG_OF'

interface WriterStart extends WriterConfig {
  /** Path of the built writer. */
  program: string
  /** The value of `LOG_LABEL`. */
  label: string
  /** Where pipes may have names for a moment. */
  pipe: string
  /** What the writer's runtime needs, and nothing of the service's. */
  environment: Record<string, string>
}

/**
 * The writer is a shell until there is a first byte, so that no Node starts beside the service: where processors are
 * few that would cost the service a fifth of its start. `dd` takes one byte and no more, whoever made it. From then
 * on it gives way to what runs beside it, for as long as it lives: the pipe holds what is printed meanwhile. Where Linux
 * groups processes by session, as it does by default, `nice` alone would order a session of one (sched(7)).
 */
const ONCE_THERE_IS_OUTPUT =
  'first=$(dd bs=1 count=1 2>/dev/null | od -An -tx1); [ -z "$first" ] || { echo 10 >/proc/$$/autogroup; } 2>/dev/null; [ -z "$first" ] || exec nice "$0" "$@" $first'

/**
 * Starts the process that writes a service's log. It knows all it needs before this returns, and from then
 * on depends on nobody but the service: this worker may die, the service's output goes on.
 * @returns the end of the pipe that the service is to print to; close it once the service has it
 */
export async function startLogWriter(start: WriterStart): Promise<FileHandle> {
  const ends = await takePipe(start.pipe)
  const env: Record<string, string> = { ...start.environment, [LOG_LABEL]: start.label }
  try {
    const writer = [process.execPath, '--max-old-space-size=64', start.program]
    const child = spawn('/bin/sh', ['-c', ONCE_THERE_IS_OUTPUT, ...writer], {
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
