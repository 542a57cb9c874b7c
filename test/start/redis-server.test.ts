import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Kept } from '~/scripts/steps/keep-running.mjs'
import { provideRedis } from '~/scripts/steps/redis.mjs'
import { askRedis } from '~/scripts/steps/redis-client.mjs'
import { sendSignal } from '../support/send-signal'

let dataDir: string
let server: Kept | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-redis-'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  await server?.stop('SIGTERM')
  rmSync(dataDir, { recursive: true })
  vi.restoreAllMocks()
})

async function start() {
  const redis = await provideRedis({ redisUrl: undefined, dataDir, path: process.env.PATH })
  server = redis.server
  return redis.url
}

const pidOf = async (url: string) =>
  Number(/^process_id:(\d+)/m.exec(await askRedis(url, ['INFO', 'server']))?.[1])

it('keeps its data and evicts nothing, on a socket alone', async () => {
  const url = await start()
  expect(url).toBe(`unix://${dataDir}/redis/redis.sock`)
  const settings: Record<string, string> = {
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    port: '0',
    dir: join(dataDir, 'redis'),
  }
  const client = new Redis({ path: url.slice('unix://'.length) })
  for (const [name, value] of Object.entries(settings)) {
    await expect(client.config('GET', name)).resolves.toEqual([name, value])
  }
  client.disconnect()
})

it('takes over from a server that an earlier run left behind, with its data', async () => {
  const folder = join(dataDir, 'redis')
  const url = await start()
  await server?.stop('SIGTERM')
  const socket = url.slice('unix://'.length)
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes']
  const leftOver = spawn('redis-server', args, { stdio: 'ignore' })
  const gone = once(leftOver, 'exit')
  await vi.waitFor(() => askRedis(url, ['SET', 'kept', 'yes']), { timeout: 10_000 })

  await expect(start()).resolves.toBe(url)
  await gone
  await expect(pidOf(url)).resolves.not.toBe(leftOver.pid)
  await expect(askRedis(url, ['GET', 'kept'])).resolves.toBe('yes')
})

it('is started again when it is killed', async () => {
  const url = await start()
  const first = await pidOf(url)
  sendSignal(first, 'SIGKILL')
  const second = await vi.waitFor(() => pidOf(url), { timeout: 20_000 })
  expect(second).not.toBe(first)
})

it('says where its reasons are when it cannot start', async () => {
  await start()
  await server?.stop('SIGTERM')
  const path = mkdtempSync(join(tmpdir(), 'slipway-path-'))
  symlinkSync('/bin/false', join(path, 'redis-server'))
  const provided = provideRedis({ redisUrl: undefined, dataDir, path })
  await expect(provided).rejects.toThrow(join(dataDir, 'redis', 'redis.log'))
  rmSync(path, { recursive: true })
})
