import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { until } from './until'

export interface TestRedis {
  url: string
  /** SIGKILL: no goodbye, no last write. */
  kill(): Promise<void>
  /** Starts it again on the same files. */
  restart(): Promise<void>
  /** All that it ever wrote to its append-only files. */
  written(): string
  /** Runs one command. */
  command(...words: string[]): Promise<unknown>
}

/** A Redis of this test's own, on a socket in the folder, with the settings that Slipway runs it with. */
export async function startRedis(folder: string): Promise<TestRedis> {
  mkdirSync(folder, { recursive: true })
  const socket = join(folder, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--logfile', join(folder, 'log')]
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '']
  let server: ChildProcess | undefined

  const command = async (...words: string[]) => {
    const client = new Redis(socket, {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.call(...(words as [string]))
    } finally {
      client.disconnect()
    }
  }
  const restart = async () => {
    server = spawn('redis-server', [...options, ...durable], { stdio: 'ignore' })
    await until('Redis answers', () => command('PING').catch(() => false))
  }
  const kill = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }
  const written = () => {
    const files = join(folder, 'appendonlydir')
    return readdirSync(files)
      .map((name) => readFileSync(join(files, name), 'latin1'))
      .join('')
  }
  await restart()
  return { url: `unix://${socket}`, kill, written, restart, command }
}
