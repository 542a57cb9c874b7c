import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findServer, provideRedis } from '~/scripts/steps/redis.mjs'
import { makePrivateFolder, socketPath } from '~/scripts/steps/redis-server.mjs'
import { describeSystem } from '~/scripts/steps/system-packages.mjs'

const debian = describeSystem({ platform: 'linux', osRelease: 'ID=debian\n', uid: 0 })
const fedora = describeSystem({ platform: 'linux', osRelease: 'ID=fedora\n', uid: 1000 })
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-redis-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.restoreAllMocks()
})

function addProgram(name: string) {
  const file = join(folder, name)
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o755)
  return file
}

describe('which Redis is used', () => {
  it('prefers redis-server over valkey-server', async () => {
    addProgram('valkey-server')
    const redis = addProgram('redis-server')
    await expect(findServer(folder, { system: fedora })).resolves.toBe(redis)
  })

  it('takes valkey-server when there is no redis-server', async () => {
    const valkey = addProgram('valkey-server')
    await expect(findServer(folder, { system: fedora })).resolves.toBe(valkey)
  })

  it('passes over what cannot be run', async () => {
    mkdirSync(join(folder, 'redis-server'))
    writeFileSync(join(folder, 'valkey-server'), '')
    await expect(findServer(folder, { system: fedora })).rejects.toThrow('Redis is missing')
  })

  it('installs the package as root on Debian', async () => {
    const install = vi.fn(async (names: string[]) => void names.forEach(addProgram))
    await expect(findServer(folder, { system: debian, install })).resolves.toBe(join(folder, 'redis-server'))
    expect(install).toHaveBeenCalledWith(['redis-server'])
  })

  it('installs nothing for other users, and names the command that they can run', async () => {
    const install = vi.fn()
    await expect(findServer(folder, { system: fedora, install })).rejects.toThrow(
      'sudo dnf install -y valkey',
    )
    await expect(findServer(folder, { system: { ...debian, isRoot: false }, install })).rejects.toThrow(
      'sudo apt-get install -y redis-server',
    )
    expect(install).not.toHaveBeenCalled()
  })

  it('uses REDIS_URL before anything else, warns when it is unreachable, and keeps its password to itself', async () => {
    addProgram('redis-server')
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const redisUrl = 'redis://:hf_CANARYpassword@127.0.0.1:1'
    await expect(provideRedis({ redisUrl, dataDir: folder, path: folder })).resolves.toEqual({
      url: redisUrl,
      answers: false,
    })
    const output = printed.mock.calls.join('')
    expect(output).toContain('127.0.0.1:1')
    expect(output).not.toContain('CANARY')
  })
})

describe("the server's socket", () => {
  it('lies in its data folder', () => {
    expect(socketPath('/srv/slipway/redis')).toBe('/srv/slipway/redis/redis.sock')
  })

  it.each([
    ['is too long for a socket', `/srv/${'deep/'.repeat(20)}redis`],
    ['has characters that a URL would change', '/srv/my data/redis'],
  ])('moves to a short private folder when the path %s', (_, path) => {
    const short = socketPath(path)
    const parent = join(short, '..')
    try {
      expect(short.length).toBeLessThan(100)
      expect(statSync(parent).mode & 0o777).toBe(0o700)
      expect(socketPath(path)).toBe(short)
      expect(socketPath(`${path}2`)).not.toBe(short)
    } finally {
      rmSync(parent, { recursive: true })
      rmSync(join(socketPath(`${path}2`), '..'), { recursive: true })
    }
  })

  it('is closed to others even when its folder was open before', () => {
    const open = join(folder, 'open')
    mkdirSync(open, { mode: 0o755 })
    makePrivateFolder(open)
    expect(statSync(open).mode & 0o777).toBe(0o700)
  })
})
